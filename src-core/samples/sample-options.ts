import type { MergeableDtype } from "../checkpoint/dtype.ts";
import { StudioError } from "../errors.ts";
import { defaultShardBytes } from "../limits.ts";
import { chooseArchitecture, type SampleArchitecture } from "./sample-architecture.ts";
import { hashText } from "./sample-random.ts";
import { maximumVocabulary, minimumVocabulary, type TargetVocabulary } from "./sample-vocabulary.ts";

/** The three models of a sample triple. */
export const sampleRoles = ["base", "chat", "target"] as const;
export type SampleRole = (typeof sampleRoles)[number];

export interface SampleOptions {
  /** Wanted parameters per model; the triple comes within 2 % of it. See `parseParameterCount`. */
  readonly parameters: number;
  /** An unsigned 32-bit number; equal options and seeds give equal bytes. */
  readonly seed?: number;
  readonly layers?: number;
  /** Tokens of base and chat, and of the target unless `targetVocabulary` says otherwise. */
  readonly vocabulary?: number;
  /** Experts per layer of a mixture of experts; 0 for a dense model. */
  readonly experts?: number;
  /** The output head is the embedding and is not stored. */
  readonly tieWordEmbeddings?: boolean;
  readonly dtypes?: Readonly<Partial<Record<SampleRole, MergeableDtype>>>;
  /** Bytes of tensors in one file, at most. */
  readonly shardBytes?: number;
  readonly targetVocabulary?: TargetVocabulary;
}

/** Everything that decides a triple's bytes, as plain data: two triples are the same when this is. */
export interface SampleDescription {
  /** Goes up when the same options come to give other bytes. */
  readonly version: 1;
  readonly seed: number;
  readonly architecture: SampleArchitecture;
  readonly dtypes: Readonly<Record<SampleRole, MergeableDtype>>;
  readonly shardBytes: number;
  readonly targetVocabulary: TargetVocabulary | null;
}

/** What the empty window offers: three models of 2 MB with enough layers for a picture. */
export const smallSample: SampleOptions = { parameters: 1_000_000 };

/**
 * Settles every choice that the options leave open.
 * Throws a StudioError `usage` for options that no model can have.
 */
export function describeSample(options: SampleOptions): SampleDescription {
  const { seed = 1, dtypes = {}, shardBytes = defaultShardBytes, targetVocabulary = null } = options;
  requireInteger("seed", seed, 0, 0xffff_ffff);
  requireInteger("shard size in bytes", shardBytes, 1, Number.MAX_SAFE_INTEGER);
  if (options.layers !== undefined) requireInteger("number of layers", options.layers, 1, 1024);
  if (options.experts !== undefined) requireInteger("number of experts", options.experts, 0, 1024);
  if (options.vocabulary !== undefined) {
    requireInteger("vocabulary size", options.vocabulary, minimumVocabulary, maximumVocabulary);
  }
  if (targetVocabulary !== null)
    requireInteger("number of own tokens", targetVocabulary.ownTokens, 1, maximumVocabulary);
  return {
    version: 1,
    seed,
    architecture: chooseArchitecture(options),
    dtypes: { base: dtypes.base ?? "BF16", chat: dtypes.chat ?? "BF16", target: dtypes.target ?? "BF16" },
    shardBytes,
    targetVocabulary:
      targetVocabulary === null ? null : { ownTokens: targetVocabulary.ownTokens, order: targetVocabulary.order },
  };
}

/** A folder name that differs for triples with different bytes: "samples-1f0c9a3e". */
export function sampleSetName(description: SampleDescription): string {
  return `samples-${hashText(JSON.stringify(description), 0).toString(16).padStart(8, "0")}`;
}

/** Rows of a role's embeddings. */
export function vocabularySizeOf({ architecture, targetVocabulary }: SampleDescription, role: SampleRole): number {
  return architecture.vocabulary + (role === "target" ? (targetVocabulary?.ownTokens ?? 0) : 0);
}

function requireInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  throw new StudioError({
    code: "usage",
    what: `Samples cannot be made with this ${name}`,
    expected: `an integer from ${minimum} to ${maximum}`,
    actual: String(value),
  });
}
