import { open } from "node:fs/promises";
import { join } from "node:path";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Provenance } from "../../src-core/provenance/provenance.ts";

/**
 * Where an exported folder's files are laid out otherwise than a plan would have it, in words; null where they are not. Another version may lay the
 * same merge out otherwise.
 */
export async function layoutDifference(
  folder: string,
  { output }: MergePlan,
  { files }: Provenance,
): Promise<string | null> {
  const names = (list: readonly { name: string }[]) => list.map(({ name }) => name).join(", ");
  if (names(output.files) !== names(files)) return `this version would write ${names(output.files)}`;
  for (const { name, headerJson } of output.files) {
    const file = await open(join(folder, name), "r");
    const bytes = Buffer.alloc(headerJson.length);
    await file.read(bytes, 0, bytes.byteLength, 8).finally(() => file.close());
    if (bytes.toString("latin1") !== headerJson) return `this version would lay ${name} out otherwise`;
  }
  return null;
}
