import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { maximumMeasurementsBytes } from "../../src-core/limits.ts";
import type { TensorStatistics } from "../../src-core/statistics/tensor-statistics.ts";
import { histogramBinCount } from "../../src-core/statistics/tensor-sums.ts";
import { readSmallFile } from "../checkpoints/read-small-file.ts";
import { isStatistics } from "../engine/engine-event-schema.ts";

/** Raised when what is kept, or how it is computed, changes: older results are then measured anew. */
const version = 1;
/** The oldest go first. One is about 1 KiB a tensor. */
const maximumKept = 200;

/** Keeps statistics on this machine, by what was measured. A result that cannot be read is as good as none. */
export class MeasurementStore {
  readonly #folder: string;
  readonly #keeps: () => boolean;

  /** @param keeps whether anything more is to be kept; what was kept is good in any case */
  constructor(folder: string, keeps: () => boolean = () => true) {
    this.#folder = folder;
    this.#keeps = keeps;
  }

  /** @param key a hash of everything that the statistics depend on */
  async load(key: string): Promise<readonly TensorStatistics[]> {
    const text = await readSmallFile(this.#path(key), maximumMeasurementsBytes).catch(() => null);
    return text === null ? [] : parseMeasurements(text);
  }

  /** How many measurements are kept, and what they take. */
  async kept(): Promise<{ readonly count: number; readonly bytes: number }> {
    const sizes = await Promise.all(
      (await this.#names()).map((name) =>
        stat(join(this.#folder, name)).then(
          ({ size }) => size,
          () => 0,
        ),
      ),
    );
    return { count: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
  }

  async forget(): Promise<void> {
    for (const name of await this.#names()) await rm(join(this.#folder, name), { force: true });
  }

  async save(key: string, tensors: readonly TensorStatistics[]): Promise<void> {
    if (!this.#keeps()) return;
    await mkdir(this.#folder, { recursive: true });
    const path = this.#path(key);
    const kept = { version, tensors: tensors.map(withPlainHistograms) };
    await writeFile(`${path}.partial`, JSON.stringify(kept));
    await rename(`${path}.partial`, path);
    await this.#dropOldest();
  }

  async #dropOldest(): Promise<void> {
    const names = await this.#names();
    if (names.length <= maximumKept) return;
    const dated = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(this.#folder, name))).mtimeMs })),
    );
    dated.sort((a, b) => a.at - b.at);
    for (const { name } of dated.slice(0, names.length - maximumKept))
      await rm(join(this.#folder, name), { force: true });
  }

  async #names(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    return names.filter((name) => name.endsWith(".json"));
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

function withPlainHistograms(statistics: TensorStatistics) {
  const vectors = statistics.vectors.map((vector) => ({ ...vector, histogram: [...vector.histogram] }));
  return { ...statistics, vectors };
}

/** Of what this version keeps, every value is looked at: they are shown, and computed with. Anything else is none. */
export function parseMeasurements(text: Uint8Array): readonly TensorStatistics[] {
  try {
    const kept: unknown = JSON.parse(Buffer.from(text).toString("utf8"));
    if (!isRecord(kept) || kept.version !== version || !Array.isArray(kept.tensors)) return [];
    const tensors = kept.tensors.map(withHistograms);
    return isStatistics(tensors) ? tensors : [];
  } catch {
    return [];
  }
}

function withHistograms(tensor: unknown): unknown {
  if (!isRecord(tensor) || !Array.isArray(tensor.vectors)) return null;
  return { ...tensor, vectors: tensor.vectors.map((vector) => (isRecord(vector) ? withHistogram(vector) : null)) };
}

function withHistogram(vector: Record<string, unknown>): unknown {
  const { histogram } = vector;
  const isList = Array.isArray(histogram) && histogram.length === histogramBinCount;
  return isList ? { ...vector, histogram: Uint32Array.from(histogram) } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
