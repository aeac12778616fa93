import { z } from "zod";
import { formatByteSize, parseByteSize } from "./byte-size.ts";
import {
  type ChatTokenWish,
  chatTemplateChoices,
  chatTokensSchema,
  type OutputDtype,
  outputDtypes,
  type Recipe,
  type RecipeVector,
  recipeSchema,
  tokenizerChoices,
} from "./recipe.ts";

/** Spellings of a dtype that people know from PyTorch and from other tools. */
const dtypeSpellings: ReadonlyMap<string, OutputDtype> = new Map<string, OutputDtype>([
  ...outputDtypes.map((dtype) => [dtype.toLowerCase(), dtype] as const),
  ["fp32", "F32"],
  ["float32", "F32"],
  ["fp16", "F16"],
  ["float16", "F16"],
  ["bfloat16", "BF16"],
]);

/** The dtype that a spelling means ("bfloat16", "torch.bfloat16", "BF16"), or null. */
function parseDtype(text: string): OutputDtype | null {
  return dtypeSpellings.get(text.toLowerCase().replace(/^torch\./, "")) ?? null;
}

const dtypeSchema = z.string().transform((text, context): OutputDtype => {
  const dtype = parseDtype(text);
  if (dtype !== null) return dtype;
  context.addIssue({ code: "custom", message: "no dtype" });
  return z.NEVER;
});

const shardSizeSchema = z.union([z.string(), z.number()]).transform((size, context): number => {
  const bytes = parseByteSize(String(size));
  if (!Number.isNaN(bytes)) return bytes;
  context.addIssue({ code: "custom", message: "no size" });
  return z.NEVER;
});

const outputFileSchema = z
  .strictObject({
    dtype: dtypeSchema.optional(),
    shardSize: shardSizeSchema.optional(),
    tokenizer: z.enum(tokenizerChoices).optional(),
    chatTemplate: z.enum(chatTemplateChoices).optional(),
    chatTokens: chatTokensSchema.optional(),
  })
  .transform(({ shardSize, ...output }) => ({ ...output, shardBytes: shardSize }));

/** A recipe as its file has it: sizes and dtypes in people's words. What is left out has the recipe's defaults. */
export const recipeFileSchema = recipeSchema.extend({ output: outputFileSchema.optional() });

/** A recipe in the words and the order of its file; nothing but text, numbers, lists and plain objects, without undefined. */
export interface RecipeFileForm {
  readonly version: 1;
  readonly target: string;
  readonly vectors: readonly VectorFileForm[];
  readonly vocabulary?: string;
  readonly onMismatch: string;
  readonly output: {
    readonly dtype: string;
    readonly shardSize: string;
    readonly tokenizer: string;
    readonly chatTemplate: string;
    readonly chatTokens?: readonly (string | { readonly token: string; readonly replaces: string })[];
  };
}

interface VectorFileForm extends ScaleFileForm {
  readonly name: string;
  readonly chat: string;
  readonly base: string;
  readonly rules?: readonly ({ readonly tensors: string } & ScaleFileForm)[];
}

interface ScaleFileForm {
  readonly scale: number;
  readonly curve?: readonly number[];
  readonly outside?: number;
}

export function toFileForm({ version, target, vectors, vocabulary, onMismatch, output }: Recipe): RecipeFileForm {
  return {
    version,
    target,
    vectors: vectors.map(vectorForm),
    ...(vocabulary === undefined ? {} : { vocabulary }),
    onMismatch,
    output: {
      dtype: output.dtype,
      shardSize: formatByteSize(output.shardBytes),
      tokenizer: output.tokenizer,
      chatTemplate: output.chatTemplate,
      ...(output.chatTokens === undefined ? {} : { chatTokens: output.chatTokens.map(chatTokenForm) }),
    },
  };
}

function chatTokenForm({ token, replaces }: ChatTokenWish): string | { token: string; replaces: string } {
  return replaces === undefined ? token : { token, replaces };
}

function vectorForm({ name, chat, base, rules, ...scale }: RecipeVector): VectorFileForm {
  return {
    name,
    chat,
    base,
    ...scaleForm(scale),
    ...(rules === undefined ? {} : { rules: rules.map(({ tensors, ...rule }) => ({ tensors, ...scaleForm(rule) })) }),
  };
}

function scaleForm({ scale, curve, outside }: Pick<RecipeVector, "scale" | "curve" | "outside">): ScaleFileForm {
  return {
    scale,
    ...(curve === undefined ? {} : { curve: [...curve] }),
    ...(outside === undefined ? {} : { outside }),
  };
}
