import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { layoutSafetensors } from "../../src-core/checkpoint/safetensors-writer.ts";
import type { WrittenRange } from "../../src-core/engine/journal.ts";
import type { OutputLayout } from "../../src-core/plan/merge-plan.ts";
import type { ExportRecord } from "./export-record.ts";

// What tests of an export's workspace begin with.

export const basis = { version: "1.0.0", recipe: "{}", sources: [], plan: "a" };
export const backend = { kind: "cpu", adapter: "CPU" } as const;

/** Files of one tensor of so many bytes each. */
export function layoutOf(names: readonly string[], byteLength = 100): OutputLayout {
  const layout = layoutSafetensors([{ name: "a", dtype: "U8", shape: [byteLength], byteLength }], { format: "pt" });
  const files = names.map((name) => ({ name, headerJson: layout.headerJson, byteLength: layout.byteLength }));
  return { files, indexJson: null, byteLength: layout.byteLength * names.length };
}

export const range = (byteOffset: number, byteLength: number, file = 0): WrittenRange[] => [
  { file, byteOffset, byteLength, newNonFinite: 0 },
];

export async function readRecord(output: string): Promise<ExportRecord> {
  return JSON.parse(await readFile(join(`${output}.partial`, "chat-vector-partial.json"), "utf8"));
}

/** What the next start finds when the system was restarted, or the disk pulled out, since the last one. */
export async function inAnotherSession(output: string): Promise<void> {
  const record = { ...(await readRecord(output)), session: "another start of the system" };
  await writeFile(join(`${output}.partial`, "chat-vector-partial.json"), JSON.stringify(record));
}
