import type { OutputDtype } from "../../../src-core/recipe/recipe.ts";

/** The dtypes that an export may be written in, as people call them. */
export const outputDtypeChoices: readonly { readonly value: OutputDtype; readonly label: string }[] = [
  { value: "same", label: "As the target’s" },
  { value: "BF16", label: "bf16" },
  { value: "F16", label: "f16" },
  { value: "F32", label: "f32" },
];
