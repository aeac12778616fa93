import { quoteName } from "../../checkpoint/quote.ts";
import { describeLocated } from "../yaml/describe-located.ts";
import type { Located, LocatedMap } from "../yaml/locate.ts";
import type { ModelReference } from "./config.ts";
import { entryOf } from "./fields.ts";
import type { MergekitSource } from "./mergekit-source.ts";

/** A folder or an id; what mergekit writes behind "+" (an adapter) and "@" (a revision) is no part of a recipe. */
export function readModelReference(located: Located, source: MergekitSource): ModelReference {
  if (located.kind === "map") return readLongReference(located, source);
  const path = located.kind === "scalar" ? located.value : null;
  if (typeof path !== "string" || path === "") {
    const expected = "a folder or a model's id, as text";
    throw source.invalid(located, { what: "a model is not valid", expected, actual: describeLocated(located) });
  }
  if (path.includes("+")) {
    throw source.inexpressible(located, {
      what: "mergekit reads what follows “+” as an adapter (LoRA), and adapters cannot be merged here",
      actual: quoteName(path),
      advice: "Merge the adapter into its model first",
    });
  }
  if (path.includes("@")) {
    throw source.inexpressible(located, {
      what: "mergekit reads what follows “@” as a revision, which a recipe cannot name",
      actual: quoteName(path),
      advice: "Name the folder that holds that revision",
    });
  }
  return { path, offset: located.offset };
}

/** {model: …, lora: …, override_architecture: …}, where the model may be {path: …, revision: …}. */
function readLongReference(located: LocatedMap, source: MergekitSource): ModelReference {
  const refused = [
    ["lora", "adapters (LoRA) cannot be merged here", "Merge the adapter into its model first"],
    ["revision", "a recipe cannot name a revision", "Name the folder that holds that revision"],
  ] as const;
  for (const [key, what, advice] of refused) {
    const value = entryOf(located, key);
    if (value !== null) throw source.inexpressible(value, { what, advice });
  }
  const override = located.entries.get("override_architecture");
  if (override !== undefined) {
    source.note(override.keyOffset, "override_architecture is left out: tensors are matched by their names");
  }
  const inner = entryOf(located, "model") ?? entryOf(located, "path");
  if (inner === null)
    throw source.invalid(located, { what: "a model is not valid", expected: "model: a folder or an id" });
  return readModelReference(inner, source);
}
