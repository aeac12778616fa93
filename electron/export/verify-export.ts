import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readSafetensorsHeader } from "../../src-core/checkpoint/safetensors-header.ts";
import { failureOf, StudioError } from "../../src-core/errors.ts";
import type { Provenance } from "../../src-core/provenance/provenance.ts";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { MappedFile } from "../checkpoints/mapped-file.ts";
import { hashFile } from "./hash-file.ts";
import { layoutDifference } from "./layout-difference.ts";
import { readProvenance } from "./read-provenance.ts";
import { recordSource, sourceDifference } from "./source-record.ts";
import { verifyOutput } from "./verify-output.ts";

/** What `verify --json` prints. */
export interface ExportVerification {
  readonly path: string;
  readonly made: { readonly version: string; readonly at: string };
  /** The weights first. `unhashed`: the export was made without hashes. */
  readonly files: readonly {
    readonly name: string;
    readonly state: "same" | "unhashed" | "missing" | "size" | "header" | "content";
    /** Of the weights; the others may be changed by whoever uses the model. */
    readonly counts: boolean;
  }[];
  readonly sources: readonly {
    readonly path: string;
    readonly roles: readonly string[];
    readonly state: "same" | "changed" | "missing";
    readonly because: string | null;
  }[];
  /** Elements computed again from the sources; null when those are not what they were, or are planned otherwise by now. */
  readonly recomputed: { readonly samples: number; readonly mismatches: number } | null;
  readonly notRecomputedBecause: string | null;
}

export interface VerifyCallbacks {
  readonly signal: AbortSignal;
  readonly onBytes: (bytesRead: number, bytesToRead: number) => void;
}

/**
 * Checks an exported folder against what it records of itself: headers, sizes, every file's SHA-256, and, where the sources are
 * still there, 65,536 elements and more computed again. Rejects with `verification-failed` for weights that are not what was
 * written, and with a StudioError when there is nothing to check by.
 */
export async function verifyExport(
  path: string,
  catalog: Catalog,
  callbacks: VerifyCallbacks,
): Promise<ExportVerification> {
  const provenance = await readProvenance(path);
  const files = await checkFiles(path, provenance, callbacks);
  const bad = files.find(({ counts, state }) => counts && state !== "same" && state !== "unhashed");
  if (bad !== undefined) throw notAsWritten(path, bad.name, bad.state);
  const { sources, recipe } = await openSources(provenance, catalog);
  const again = await recompute(path, provenance, recipe, sources, catalog);
  return { path, made: { version: provenance.made.version, at: provenance.made.at }, files, sources, ...again };
}

async function checkFiles(
  folder: string,
  { files, others }: Provenance,
  { signal, onBytes }: VerifyCallbacks,
): Promise<ExportVerification["files"]> {
  const bytesToRead = [...files, ...others].reduce((sum, { bytes }) => sum + bytes, 0);
  let bytesRead = 0;
  const checked: ExportVerification["files"][number][] = [];
  for (const [index, { name, bytes, sha256 }] of [...files, ...others].entries()) {
    const counts = index < files.length;
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found === null) checked.push({ name, counts, state: "missing" });
    else if (found.size !== bytes) checked.push({ name, counts, state: "size" });
    else if (counts && !(await hasHeader(path))) checked.push({ name, counts, state: "header" });
    else if (sha256 === null) checked.push({ name, counts, state: "unhashed" });
    else {
      const actual = await hashFile(path, signal, (pieceBytes) => {
        bytesRead += pieceBytes;
        onBytes(bytesRead, bytesToRead);
      });
      checked.push({ name, counts, state: actual === sha256 ? "same" : "content" });
    }
  }
  return checked;
}

async function hasHeader(path: string): Promise<boolean> {
  const file = await MappedFile.open(path);
  try {
    await readSafetensorsHeader(file);
    return true;
  } catch (error) {
    if (error instanceof StudioError) return false;
    throw error;
  } finally {
    file.close();
  }
}

function notAsWritten(folder: string, name: string, state: string): StudioError {
  const actual: Readonly<Record<string, string>> = {
    missing: "the file is missing",
    size: "another size",
    header: "a header that cannot be read",
    content: "another SHA-256",
  };
  return new StudioError({
    code: "verification-failed",
    what: "The model is not what was written",
    where: join(folder, name),
    actual: actual[state] ?? state,
    advice: `Make it again (chat-vector-studio merge --recipe ${join(folder, "chat-vector.yaml")}), or copy it again`,
  });
}

/** Opens what is still there and unchanged. The recipe names those by id; it is null when one is missing. */
async function openSources(
  { sources, recipe }: Provenance,
  catalog: Catalog,
): Promise<{ sources: ExportVerification["sources"]; recipe: Recipe | null }> {
  const ids = new Map<string, string>();
  const states: ExportVerification["sources"][number][] = [];
  for (const { path, roles, files } of sources) {
    try {
      const { id, checkpoint, folder } = await catalog.open(path);
      const names = checkpoint.files.map(({ name }) => name).filter((name) => files.some((file) => file.name === name));
      const now = await recordSource(path, folder, names);
      const difference = sourceDifference({ path, files }, now, { timesCount: false });
      if (difference === null) ids.set(path, id);
      const because = difference === null ? null : `${difference.where}: ${difference.actual}`;
      states.push({ path, roles, state: difference === null ? "same" : "changed", because });
    } catch (error) {
      states.push({ path, roles, state: "missing", because: failureOf(error, "read-failed").what });
    }
  }
  const idOf = (model: string) => ids.get(model) ?? "";
  const named: Recipe = {
    ...recipe,
    target: idOf(recipe.target),
    vectors: recipe.vectors.map((vector) => ({ ...vector, chat: idOf(vector.chat), base: idOf(vector.base) })),
  };
  const isWhole = states.every(({ state }) => state === "same");
  return { sources: states, recipe: isWhole ? named : null };
}

async function recompute(
  folder: string,
  provenance: Provenance,
  recipe: Recipe | null,
  sources: ExportVerification["sources"],
  catalog: Catalog,
): Promise<Pick<ExportVerification, "recomputed" | "notRecomputedBecause">> {
  if (recipe === null) {
    const gone = sources.filter(({ state }) => state !== "same");
    const because = gone.map(({ path, state }) => `${path} is ${state}`).join("; ");
    return { recomputed: null, notRecomputedBecause: because };
  }
  const plan = catalog.plan(recipe);
  const difference = await layoutDifference(folder, plan, provenance);
  if (difference !== null) return { recomputed: null, notRecomputedBecause: difference };
  return { recomputed: await verifyOutput(plan, folder, catalog), notRecomputedBecause: null };
}
