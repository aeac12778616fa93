import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { parse } from "yaml";
import { maximumModelCardBytes } from "../../src-core/limits.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import { formatModelCard } from "../../src-core/provenance/model-card.ts";
import {
  modelCardName,
  normsFigureName,
  type Provenance,
  provenanceName,
  provenanceRecipeName,
} from "../../src-core/provenance/provenance.ts";
import { formatRecipe } from "../../src-core/recipe/format-recipe.ts";
import type { Recipe } from "../../src-core/recipe/recipe.ts";
import type { ExportResult } from "../api/exports.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";
import { exportBasis } from "./export-record.ts";
import type { MergeServices } from "./merge-services.ts";
import { normsOfExport } from "./norms-of-export.ts";
import { outputFailure } from "./output-failure.ts";
import type { SourceRecord } from "./source-record.ts";

export interface ProvenanceRequest {
  readonly plan: MergePlan;
  readonly result: ExportResult;
  /** By the plan's sources. */
  readonly sources: readonly SourceRecord[];
  readonly catalog: Catalog;
  readonly version: string;
  readonly measurements: MergeServices["measurements"];
  /** Where the finished model lies for now. */
  readonly folder: string;
}

/** Writes recipe, model card and chat-vector.json, the last of which lists all that is in the folder. Rejects with a StudioError. */
export async function writeProvenance(request: ProvenanceRequest): Promise<void> {
  const { plan, result, sources, catalog, folder } = request;
  try {
    const recipe = namedRecipe(plan.recipe, (id) => catalog.get(id).checkpoint.path);
    const recipeText = formatRecipe(recipe);
    const provenance = provenanceOf(request, recipe, []);
    await writeFile(join(folder, provenanceRecipeName), recipeText);
    const figureName = await writeFigure(request);
    const names = await readdir(folder);
    const card = formatModelCard({
      title: basename(result.out),
      provenance,
      recipeText,
      license: await licenseOf(catalog.get(plan.recipe.target).folder.realFolderPath),
      isTransformersModel: names.includes("config.json"),
      figureName,
    });
    await writeFile(join(folder, modelCardName), card);
    const others = await describeOthers(
      folder,
      result.files.map(({ name }) => name),
    );
    const whole = provenanceOf({ ...request, sources }, recipe, others);
    await writeFile(join(folder, provenanceName), `${JSON.stringify(whole, null, 1)}\n`);
  } catch (error) {
    throw outputFailure(error, "Writing failed", folder);
  }
}

/** The picture's name; null where there is none. It is no reason to fail a merge. */
async function writeFigure({ plan, catalog, measurements, folder }: ProvenanceRequest): Promise<string | null> {
  if (measurements === undefined) return null;
  const figure = await normsOfExport(plan, catalog, measurements).catch(() => null);
  if (figure !== null) await writeFile(join(folder, normsFigureName), figure);
  return figure === null ? null : normsFigureName;
}

function provenanceOf(request: ProvenanceRequest, recipe: Recipe, others: Provenance["others"]): Provenance {
  const { plan, result, sources, version } = request;
  const { backend, adapter, because, seconds, bytesRead, bytesWritten, files, verified, problems } = result;
  return {
    format: 1,
    made: {
      by: "Chat Vector Studio",
      version,
      at: new Date().toISOString(),
      runtime: `Electron ${process.versions.electron ?? "–"}`,
      platform: `${process.platform} ${process.arch}`,
      backend,
      adapter,
      because,
      seconds,
    },
    recipe,
    plan: exportBasis(plan, version, sources).plan,
    sourceHashes: {
      sample:
        "SHA-256 of a file's size, its first 64 KiB, its last, and six blocks between: tells files apart, proves none",
      sha256: "of the whole file, where it was known; merge --hash-sources records it of all",
    },
    sources: plan.sources.map(({ checkpoint }, index) => ({
      roles: rolesOf(plan.recipe, checkpoint),
      path: sources[index]?.path ?? "",
      files: sources[index]?.files ?? [],
    })),
    files: [...files],
    others,
    tensors: {
      ...result.tensors,
      list: plan.tensors.map(({ name, action, reason, spans }) => ({ name, action, reason, scales: scalesOf(spans) })),
    },
    bytesRead,
    bytesWritten,
    verified,
    problems: problems.map((problem) => ({ ...problem })),
  };
}

function namedRecipe(recipe: Recipe, nameOf: (model: string) => string): Recipe {
  return {
    ...recipe,
    target: nameOf(recipe.target),
    vectors: recipe.vectors.map((vector) => ({ ...vector, chat: nameOf(vector.chat), base: nameOf(vector.base) })),
  };
}

function rolesOf({ target, vectors }: Recipe, model: string): string[] {
  return [
    ...(model === target ? ["target"] : []),
    ...vectors.flatMap(({ name, chat, base }) => [
      ...(model === chat ? [`chat of ${name}`] : []),
      ...(model === base ? [`base of ${name}`] : []),
    ]),
  ];
}

/** One entry for each vector, of the first span it reaches: λ is the tensor's. */
function scalesOf(spans: MergePlan["tensors"][number]["spans"]): { vector: number; scale: number }[] {
  const scales = new Map<number, number>();
  for (const { vectors } of spans) for (const { vector, scale } of vectors) scales.set(vector, scale);
  return [...scales].map(([vector, scale]) => ({ vector, scale })).sort((a, b) => a.vector - b.vector);
}

async function describeOthers(folder: string, weights: readonly string[]): Promise<Provenance["others"]> {
  const others: Provenance["others"] = [];
  for (const name of (await readdir(folder)).sort()) {
    if (weights.includes(name) || name === provenanceName) continue;
    const path = join(folder, name);
    others.push({ name, bytes: (await stat(path)).size, sha256: await hashSmallFile(path) });
  }
  return others;
}

export async function hashSmallFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

/** What the target's own model card gives as its licence; null when there is no card, or it does not say. */
async function licenseOf(target: string): Promise<string | null> {
  const card = await readSmallFile(join(target, modelCardName), maximumModelCardBytes).then(
    (bytes) => bytes.toString("utf8"),
    () => "",
  );
  const header = /^---\r?\n([\s\S]{0,65536}?)\r?\n---/.exec(card)?.[1];
  if (header === undefined) return null;
  try {
    const fields: unknown = parse(header, { maxAliasCount: 0 });
    const license = typeof fields === "object" && fields !== null && "license" in fields ? fields.license : null;
    return typeof license === "string" && /^[\w.+-]{1,64}$/.test(license) ? license : null;
  } catch {
    return null;
  }
}
