import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import { formatNormsFigure } from "../../src-core/provenance/norms-figure.ts";
import { measureReport } from "../../src-core/statistics/measure-report.ts";
import type { Catalog } from "../checkpoints/catalog.ts";
import { measurementKey, planMeasurement } from "../measuring/measurement.ts";
import type { MeasurementStore } from "../measuring/measurement-store.ts";

/**
 * The picture for a model card of how far the chat vectors reach by layer, where the same models were measured before and that is kept
 * whole. Null otherwise: nothing is measured for it.
 */
export async function normsOfExport(
  { recipe }: MergePlan,
  catalog: Catalog,
  measurements: Pick<MeasurementStore, "load">,
): Promise<string | null> {
  const { target, vectors, vocabulary } = recipe;
  const models = vectors.map(({ name, chat, base }) => ({ name, chat, base }));
  const { plan } = planMeasurement({ target, vectors: models, vocabulary }, catalog);
  const known = await measurements.load(await measurementKey(plan, catalog));
  const names = new Set(known.map(({ name }) => name));
  if (!plan.tensors.every(({ name }) => names.has(name))) return null;
  return formatNormsFigure(
    measureReport(plan, known, vectors),
    vectors.map(({ name }) => name),
  );
}
