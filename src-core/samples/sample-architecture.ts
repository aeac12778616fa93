import { StudioError } from "../errors.ts";
import { requireParameterCount } from "./parameter-count.ts";

/** The dimensions of a Llama-like model. */
export interface SampleArchitecture {
  readonly layers: number;
  readonly hidden: number;
  readonly intermediate: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headDimension: number;
  readonly vocabulary: number;
  /** Experts per layer; 0 for a dense model. */
  readonly experts: number;
  readonly tieWordEmbeddings: boolean;
}

export interface ArchitectureWish {
  readonly parameters: number;
  readonly layers?: number;
  readonly vocabulary?: number;
  readonly experts?: number;
  readonly tieWordEmbeddings?: boolean;
}

interface Anchor {
  readonly parameters: number;
  readonly layers: number;
  readonly headDimension: number;
  /** Query heads that share one key and value head. */
  readonly groupSize: number;
  /** intermediate / hidden. */
  readonly ratio: number;
  readonly vocabulary: number;
}

/**
 * What models of each size look like. From 1.1B up these are TinyLlama, Llama 2 7B, 13B and 70B and Llama 3.1 405B. Small ones
 * are deeper than anybody would train them, so that a picture over their layers shows something.
 */
const anchors: readonly Anchor[] = [
  { parameters: 1e5, layers: 8, headDimension: 16, groupSize: 2, ratio: 2, vocabulary: 320 },
  { parameters: 1e6, layers: 14, headDimension: 16, groupSize: 2, ratio: 2.7, vocabulary: 1024 },
  { parameters: 1e7, layers: 16, headDimension: 32, groupSize: 2, ratio: 2.7, vocabulary: 4096 },
  { parameters: 1e8, layers: 18, headDimension: 64, groupSize: 2, ratio: 2.7, vocabulary: 32_000 },
  { parameters: 1.1e9, layers: 22, headDimension: 64, groupSize: 8, ratio: 2.75, vocabulary: 32_000 },
  { parameters: 6.74e9, layers: 32, headDimension: 128, groupSize: 1, ratio: 2.6875, vocabulary: 32_000 },
  { parameters: 13e9, layers: 40, headDimension: 128, groupSize: 1, ratio: 2.7, vocabulary: 32_000 },
  { parameters: 69e9, layers: 80, headDimension: 128, groupSize: 8, ratio: 3.5, vocabulary: 32_000 },
  { parameters: 406e9, layers: 126, headDimension: 128, groupSize: 16, ratio: 3.25, vocabulary: 128_256 },
];

/** Beyond these the MLP would be no MLP. */
const minimumRatio = 1;
const maximumRatio = 16;
const maximumHidden = 65_536;

/**
 * Dimensions of a model with the wanted number of parameters, within 2 %: depth and heads from the nearest known size, the
 * hidden size that leaves the MLP nearest to its usual share, and the intermediate size that makes up the count.
 * Throws a StudioError `usage` when no hidden size does, as for 126 layers in 100K parameters.
 */
export function chooseArchitecture(wish: ArchitectureWish): SampleArchitecture {
  requireParameterCount(wish.parameters);
  const anchor = nearestAnchor(wish.parameters);
  let best: SampleArchitecture | null = null;
  const granule = anchor.headDimension * anchor.groupSize;
  for (let hidden = granule; hidden <= maximumHidden; hidden += granule) {
    const candidate = withHidden(hidden, anchor, wish);
    if (candidate === null) continue;
    if (best === null || ratioError(candidate, anchor) < ratioError(best, anchor)) best = candidate;
  }
  if (best !== null) return best;
  throw new StudioError({
    code: "usage",
    what: "No sample model has these dimensions",
    expected: "parameters that the embeddings and layers can be cut to",
    actual: `${wish.parameters} parameters, ${wish.layers ?? anchor.layers} layers, ${wish.vocabulary ?? anchor.vocabulary} tokens, ${wish.experts ?? 0} experts`,
    advice: "Ask for more parameters, or fewer layers, tokens or experts",
  });
}

/** Nearest by ratio: 3B lies nearer to 6.74B than to 1.1B. */
function nearestAnchor(parameters: number): Anchor {
  const distance = (anchor: Anchor) => Math.max(parameters / anchor.parameters, anchor.parameters / parameters);
  return anchors.reduce((nearest, anchor) => (distance(anchor) < distance(nearest) ? anchor : nearest));
}

function ratioError({ intermediate, hidden }: SampleArchitecture, { ratio }: Anchor): number {
  const quotient = intermediate / hidden / ratio;
  return Math.max(quotient, 1 / quotient);
}

/** The model of this hidden size that comes nearest to the wish; null when its MLP would be out of proportion. */
function withHidden(hidden: number, anchor: Anchor, wish: ArchitectureWish): SampleArchitecture | null {
  const heads = hidden / anchor.headDimension;
  const without: SampleArchitecture = {
    layers: wish.layers ?? anchor.layers,
    hidden,
    intermediate: 0,
    heads,
    keyValueHeads: heads / anchor.groupSize,
    headDimension: anchor.headDimension,
    vocabulary: wish.vocabulary ?? anchor.vocabulary,
    experts: wish.experts ?? 0,
    tieWordEmbeddings: wish.tieWordEmbeddings ?? false,
  };
  const perIntermediate = 3 * hidden * without.layers * Math.max(1, without.experts);
  const exact = (wish.parameters - parameterCountOf(without)) / perIntermediate;
  // Half a step is the error, at most 1.5 %. Within that, multiples of 8 and more are what kernels of other tools ask for.
  let step = 64;
  while (step > 1 && step * perIntermediate > 0.03 * wish.parameters) step /= 2;
  const intermediate = Math.round(exact / step) * step;
  if (intermediate < minimumRatio * hidden || intermediate > maximumRatio * hidden) return null;
  const candidate = { ...without, intermediate };
  const error = Math.abs(parameterCountOf(candidate) / wish.parameters - 1);
  return error <= 0.02 ? candidate : null;
}

/** Parameters of a model with this architecture and its own vocabulary. */
export function parameterCountOf(architecture: SampleArchitecture): number {
  const { layers, hidden, intermediate, keyValueHeads, headDimension, vocabulary, experts, tieWordEmbeddings } =
    architecture;
  const embeddings = vocabulary * hidden * (tieWordEmbeddings ? 1 : 2);
  const attention = 2 * hidden * hidden + 2 * hidden * keyValueHeads * headDimension;
  const mlp = 3 * hidden * intermediate * Math.max(1, experts) + experts * hidden;
  return embeddings + layers * (attention + mlp + 2 * hidden) + hidden;
}
