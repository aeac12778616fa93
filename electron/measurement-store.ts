import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TensorStatistics } from "../src-core/statistics/tensor-statistics.ts";
import { histogramBinCount } from "../src-core/statistics/tensor-sums.ts";

/** Raised when what is kept, or how it is computed, changes: older results are then measured anew. */
const version = 1;
/** The oldest go first. One is about 1 KiB a tensor. */
const maximumKept = 200;

interface Kept {
  readonly version: number;
  readonly tensors: readonly TensorStatistics[];
}

/** Keeps statistics on this machine, by what was measured. A result that cannot be read is as good as none. */
export class MeasurementStore {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param key a hash of everything that the statistics depend on */
  async load(key: string): Promise<readonly TensorStatistics[]> {
    const text = await readFile(this.#path(key), "utf8").catch(() => null);
    if (text === null) return [];
    try {
      const kept = JSON.parse(text) as Kept;
      return kept.version === version ? kept.tensors.map(withHistograms) : [];
    } catch {
      return [];
    }
  }

  async save(key: string, tensors: readonly TensorStatistics[]): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = this.#path(key);
    const kept = { version, tensors: tensors.map(withPlainHistograms) };
    await writeFile(`${path}.partial`, JSON.stringify(kept));
    await rename(`${path}.partial`, path);
    await this.#dropOldest();
  }

  async #dropOldest(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith(".json"));
    if (names.length <= maximumKept) return;
    const dated = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(this.#folder, name))).mtimeMs })),
    );
    dated.sort((a, b) => a.at - b.at);
    for (const { name } of dated.slice(0, names.length - maximumKept))
      await rm(join(this.#folder, name), { force: true });
  }

  #path(key: string): string {
    return join(this.#folder, `${key}.json`);
  }
}

function withPlainHistograms(statistics: TensorStatistics) {
  const vectors = statistics.vectors.map((vector) => ({ ...vector, histogram: [...vector.histogram] }));
  return { ...statistics, vectors };
}

function withHistograms(statistics: TensorStatistics): TensorStatistics {
  const vectors = statistics.vectors.map((vector) => {
    const histogram = Uint32Array.from(vector.histogram);
    if (histogram.length !== histogramBinCount) throw new RangeError("a histogram of another kind");
    return { ...vector, histogram };
  });
  return { ...statistics, vectors };
}
