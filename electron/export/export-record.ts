import { createHash } from "node:crypto";
import { z } from "zod";
import { StudioError } from "../../src-core/errors.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import { type SourceRecord, sourceDifference, sourceRecordSchema } from "./source-record.ts";

/** What an unfinished export was begun with; lies beside what it has written. */
export const exportRecordSchema = z.strictObject({
  format: z.literal(1),
  /** Of the program. */
  version: z.string(),
  output: z.string(),
  startedAt: z.string(),
  /** Within which everything written counts, not only what was synced (write-session.ts). */
  session: z.string().nullable(),
  backend: z.strictObject({ kind: z.enum(["gpu", "cpu"]), adapter: z.string() }),
  /** The recipe's text with places in `sources` for its models. */
  recipe: z.string(),
  /** By the plan's sources. */
  sources: z.array(sourceRecordSchema),
  /** SHA-256 of what happens to every tensor, and of the layout. */
  plan: z.string(),
  bytesToWrite: z.number(),
});

/** Throws what is wrong with it. */
export function parseExportRecord(text: Uint8Array): ExportRecord {
  return exportRecordSchema.parse(JSON.parse(Buffer.from(text).toString("utf8")));
}

export type ExportRecord = z.output<typeof exportRecordSchema>;
/** What must be the same for an export to go on. */
export type ExportBasis = Pick<ExportRecord, "version" | "recipe" | "sources" | "plan">;
export type ExportBackend = ExportRecord["backend"];

export function exportBasis(plan: MergePlan, version: string, sources: readonly SourceRecord[]): ExportBasis {
  const models = plan.sources.map(({ checkpoint }) => checkpoint);
  const treatment = JSON.stringify([plan.tensors, plan.output]);
  return {
    version,
    recipe: recipeByPlace(plan.recipe, models),
    sources: [...sources],
    plan: createHash("sha256").update(treatment).digest("hex"),
  };
}

/** A recipe's text with the places that its models have among all. */
export function recipeByPlace({ target, vectors, ...rest }: Recipe, models: readonly string[]): string {
  const placeOf = (model: string) => `source ${models.indexOf(model)}`;
  return JSON.stringify({
    target: placeOf(target),
    vectors: vectors.map((vector) => ({ ...vector, chat: placeOf(vector.chat), base: placeOf(vector.base) })),
    ...rest,
  });
}

/** Throws `resume-refused` with the reason when an export that was begun so must not go on so: it would be no one's model. */
export function refuseOtherBasis(recorded: ExportBasis, present: ExportBasis): void {
  if (recorded.version !== present.version) {
    throw refused("It was begun by another version of Chat Vector Studio", recorded.version, present.version);
  }
  for (const [index, before] of recorded.sources.entries()) {
    const now = present.sources[index];
    const difference = now === undefined ? null : sourceDifference(before, now, { timesCount: true });
    if (difference === null) continue;
    throw refused("A model was changed since it was begun", difference.expected, difference.actual, difference.where);
  }
  if (recorded.sources.length !== present.sources.length || recorded.recipe !== present.recipe) {
    throw refused("It was begun with another recipe", recorded.recipe, present.recipe);
  }
  if (recorded.plan !== present.plan) throw refused("It was begun with another plan", recorded.plan, present.plan);
}

/**
 * The same sums may be rounded otherwise on another device (fused multiply-add), so a model comes from one. `adapter` is null while it is
 * not known.
 */
export function refuseOtherBackend(
  { backend }: Pick<ExportRecord, "backend">,
  present: { readonly kind: ExportBackend["kind"]; readonly adapter: string | null },
): void {
  const sameAdapter = backend.kind === "cpu" || present.adapter === null || backend.adapter === present.adapter;
  const same = backend.kind === present.kind && sameAdapter;
  if (same) return;
  throw refused(
    "It was begun on another device, which may round some sums otherwise",
    backend.adapter,
    present.adapter ?? present.kind,
    undefined,
    backend.kind === "cpu" ? "Go on with --backend cpu, or start over" : "Go on where that device is, or start over",
  );
}

function refused(what: string, expected: string, actual: string, where?: string, advice?: string): StudioError {
  return new StudioError({
    code: "resume-refused",
    what: `The unfinished export cannot go on. ${what}`,
    ...(where === undefined ? {} : { where }),
    expected: shortened(expected),
    actual: shortened(actual),
    advice:
      advice ?? "Start over: in the window choose so beside the output folder, in the command line give --overwrite",
  });
}

/** A recipe may have a thousand rules. */
function shortened(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 400)} …`;
}
