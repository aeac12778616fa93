import type { CheckpointFormat } from "./checkpoint.ts";

/** How files of a format are named. */
export interface WeightFormat {
  readonly format: CheckpointFormat;
  readonly suffixes: readonly string[];
  /** An index of shards ends so. */
  readonly indexSuffixes: readonly string[];
  /** The usual tools' names for an index and for a whole model, which are preferred to others. */
  readonly usualIndex: string;
  readonly usualFile: string;
  /** Files with such a suffix that hold no model. */
  readonly isOther: (name: string) => boolean;
}

/** In the order in which they are looked for: where a model comes in both, safetensors says more and is read faster. */
export const weightFormats: readonly WeightFormat[] = [
  {
    format: "safetensors",
    suffixes: [".safetensors"],
    indexSuffixes: [".safetensors.index.json"],
    usualIndex: "model.safetensors.index.json",
    usualFile: "model.safetensors",
    isOther: () => false,
  },
  {
    format: "pytorch",
    suffixes: [".bin", ".pt", ".pth", ".ckpt"],
    indexSuffixes: [".bin.index.json", ".pt.index.json", ".pth.index.json"],
    usualIndex: "pytorch_model.bin.index.json",
    usualFile: "pytorch_model.bin",
    // What trainers leave beside a model: transformers, accelerate and DeepSpeed.
    isOther: (name) =>
      /^(training_args|optimizer|scheduler|scaler|rng_state|random_states|sampler|trainer_state)([_.-]|$)/.test(name),
  },
];

/** By a file's suffix; null for one that says nothing. */
export function formatOfName(name: string): CheckpointFormat | null {
  return weightFormats.find(({ suffixes }) => suffixes.some((suffix) => name.endsWith(suffix)))?.format ?? null;
}
