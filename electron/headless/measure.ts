import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { StudioError } from "../../src-core/errors.ts";
import {
  type LayerReport,
  type MeasureReport,
  measureCsv,
  measureReport,
} from "../../src-core/statistics/measure-report.ts";
import type { MergeServices } from "../export/merge-services.ts";
import { Measurement } from "../measuring/measurement.ts";
import type { MeasureOptions } from "./commands.ts";
import { OpenOnce } from "./open-once.ts";
import { printNotice } from "./output.ts";
import { ProgressLine } from "./progress-line.ts";
import { recipeOfOptions } from "./recipe-of-options.ts";

/** Measures as the options say; the result as JSON or as a table of layers. */
export async function measure(options: MeasureOptions, services: MergeServices, signal: AbortSignal): Promise<string> {
  const startedAt = performance.now();
  services.catalog.reading = options.io;
  services.engine.backend = options.backend;
  // Its window takes half a second, in which the models are opened and planned.
  services.engine.start();
  const models = new OpenOnce(services.catalog);
  const asked = await recipeOfOptions(options, async (path) => (await models.open(path)).checkpoint);
  const recipe = await models.openAll(asked);
  const hasTarget = options.recipe !== undefined || options.target !== undefined;
  const request = {
    target: hasTarget ? recipe.target : null,
    vectors: recipe.vectors.map(({ name, chat, base }) => ({ name, chat, base })),
    ...(recipe.vocabulary === undefined ? {} : { vocabulary: recipe.vocabulary }),
  };
  const measurement = new Measurement(request, services);
  for (const { severity, message } of measurement.problems) printNotice(`${severity}: ${message}`);
  const { kind, adapter, because } = await services.engine.ready();
  const line = new ProgressLine(measurement.bytesToRead, 0);
  line.phase("measuring");
  let bytesRead: number;
  try {
    bytesRead = await measurement.run(
      signal,
      (_, bytes) => line.progress({ bytesRead: bytes, bytesWritten: 0 }),
      options.trace === undefined ? undefined : resolve(options.trace),
    );
  } finally {
    line.end();
  }
  const { tensors, layers, vectors } = measureReport(measurement.plan, measurement.known, recipe.vectors);
  if (options.csv !== undefined) await writeCsv(resolve(options.csv), measureCsv(tensors));
  const seconds = (performance.now() - startedAt) / 1000;
  const { problems } = measurement;
  if (options.json)
    return JSON.stringify({ backend: kind, adapter, because, seconds, bytesRead, tensors, layers, vectors, problems });
  const nonFinite = tensors.filter((tensor) => tensor.nonFinite !== null);
  return [
    ...(vectors ?? [{ name: null, layers, cosines: [] }]).flatMap((vector, index) => [
      ...(vector.name === null ? [] : [`${vector.name}${cosineText(vectors ?? [], index)}`]),
      ...layerTable(vector.layers),
    ]),
    ...nonFinite.map(
      ({ name, nonFinite: found }) =>
        `not finite: ${found?.count} in ${name}, first in ${found?.first.model} at ${found?.first.index}`,
    ),
    `${tensors.length} tensors in ${seconds.toFixed(1)} s on ${adapter}`,
  ].join("\n");
}

function layerTable(layers: readonly LayerReport[]): string[] {
  return [
    "layer      ‖τ‖  ‖τ‖/‖base‖   cos(τ, σ)",
    ...layers.map(({ layer, vector, relative, cosine }) =>
      [String(layer).padStart(5), cell(vector, 9), cell(relative, 12), cell(cosine, 12)].join(""),
    ),
  ];
}

/** ", cos 0.1234 with math": how the vector stands to those before it. */
function cosineText(vectors: NonNullable<MeasureReport["vectors"]>, index: number): string {
  const before = vectors.slice(0, index);
  return before.map(({ name, cosines }) => `, cos ${cell(cosines[index] ?? null, 0)} with ${name}`).join("");
}

function cell(value: number | null, width: number): string {
  return (value === null ? "–" : value.toPrecision(4)).padStart(width);
}

async function writeCsv(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    const actual = error instanceof Error ? error.message : String(error);
    throw new StudioError({ code: "write-failed", what: "The table could not be written", where: path, actual });
  });
}
