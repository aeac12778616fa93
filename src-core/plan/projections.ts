import type { TensorEntry } from "../checkpoint/checkpoint.ts";
import { elementCount } from "../checkpoint/checkpoint.ts";

/** Finds a tensor by the name that another checkpoint has for it. */
export interface TensorLookup {
  find(name: string): TensorEntry | null;
}

/** Elements of a tensor of one checkpoint that stand for elements of the target's. */
export interface TensorPiece {
  readonly tensor: TensorEntry;
  /** The first of them in the piece's own tensor. */
  readonly elementOffset: number;
  /** The first of them in the target's tensor. */
  readonly target: number;
  readonly elementCount: number;
}

/**
 * Projections that models store as one matrix, the rows of one part after those of the one before: Phi-3, GLM-4 and vLLM's
 * names; Baichuan's W_pack. Others that fuse the same parts interleave them by head (GPT-NeoX's query_key_value, InternLM2's
 * wqkv) or transpose them (GPT-2's c_attn): those are not taken apart.
 */
const concatenations = [
  { fused: "qkv_proj", parts: ["q_proj", "k_proj", "v_proj"] },
  { fused: "W_pack", parts: ["q_proj", "k_proj", "v_proj"] },
  { fused: "gate_up_proj", parts: ["gate_proj", "up_proj"] },
] as const;

const projectionName = /^(.*\.)?([A-Za-z_]+)\.(weight|bias)$/;

/**
 * Where the rows of the target's projection lie in a checkpoint that fuses what the target splits, or splits what it fuses; in
 * the target's order. Null where it does neither, or sizes do not add up.
 */
export function projectionPieces(
  tensor: TensorEntry,
  target: TensorLookup,
  other: TensorLookup,
): readonly TensorPiece[] | null {
  const match = projectionName.exec(tensor.name);
  if (match === null) return null;
  const [, parent = "", module = "", kind = ""] = match;
  const nameOf = (name: string) => `${parent}${name}.${kind}`;
  for (const { fused, parts } of concatenations) {
    const names = parts.map(nameOf);
    if (module === fused) {
      const found = fromParts(tensor, findAll(other, names));
      if (found !== null) return found;
    }
    const at = (parts as readonly string[]).indexOf(module);
    const whole = at < 0 ? null : other.find(nameOf(fused));
    const siblings = whole === null ? null : findAll(target, names);
    if (whole !== null && siblings !== null && areRowsOf(whole, siblings)) {
      const before = siblings.slice(0, at).reduce((sum, { shape }) => sum + elementCount(shape), 0);
      return [{ tensor: whole, elementOffset: before, target: 0, elementCount: elementCount(tensor.shape) }];
    }
  }
  return null;
}

function fromParts(fused: TensorEntry, parts: readonly TensorEntry[] | null): TensorPiece[] | null {
  if (parts === null || !areRowsOf(fused, parts)) return null;
  let target = 0;
  return parts.map((tensor) => {
    const piece = { tensor, elementOffset: 0, target, elementCount: elementCount(tensor.shape) };
    target += piece.elementCount;
    return piece;
  });
}

function findAll(lookup: TensorLookup, names: readonly string[]): TensorEntry[] | null {
  const found = names.flatMap((name) => lookup.find(name) ?? []);
  return found.length === names.length ? found : null;
}

/** The parts' rows together are as many as the whole has, and as long. */
function areRowsOf(whole: TensorEntry, parts: readonly TensorEntry[]): boolean {
  const [rowCount = 0, ...row] = whole.shape;
  const sameRows = parts.every(
    ({ shape }) => shape.length === whole.shape.length && row.every((size, dimension) => size === shape[dimension + 1]),
  );
  return sameRows && parts.reduce((sum, { shape }) => sum + (shape[0] ?? 0), 0) === rowCount;
}

/** Stretches of the target over which both models' pieces go on, with where they are in each. */
export function meetingPieces(
  chat: readonly TensorPiece[],
  base: readonly TensorPiece[],
): {
  readonly chat: TensorPiece;
  readonly base: TensorPiece;
  readonly target: number;
  readonly elementCount: number;
}[] {
  return chat.flatMap((left) =>
    base.flatMap((right) => {
      const target = Math.max(left.target, right.target);
      const end = Math.min(left.target + left.elementCount, right.target + right.elementCount);
      return end > target ? [{ chat: left, base: right, target, elementCount: end - target }] : [];
    }),
  );
}

/** One way to store a group of projections of a layer. */
export interface ProjectionLayout {
  /** "3 attention": depth and what is stored. */
  readonly group: string;
  /** For people: "q, k and v in one tensor (query_key_value)". */
  readonly layout: string;
}

const separateAttention = /^(?:[qkv]_proj|[qkv]_lin|query|key|value|w[qkv])$/;
const fusedAttention = /^(?:qkv_proj|W_pack|query_key_value|c_attn|Wqkv|wqkv|in_proj_weight|qkv)$/;
const separateGate = /^(?:gate_proj|up_proj|w1|w3)$/;
const fusedGate = /^(?:gate_up_proj|gate_up|w13)$/;

/** How a layer's tensor stores its group, from its name inside the layer; null for what is stored in one way only. */
export function projectionLayout(layer: number | null, module: string): ProjectionLayout | null {
  if (layer === null) return null;
  const parts = module.split(".");
  const experts = parts.indexOf("experts");
  if (experts >= 0) {
    const single = /^\d+$/.test(parts[experts + 1] ?? "");
    return { group: `${layer} experts`, layout: single ? "a tensor for each expert" : "all experts in one tensor" };
  }
  for (const part of parts) {
    if (separateAttention.test(part)) return { group: `${layer} attention`, layout: "q, k and v apart" };
    if (fusedAttention.test(part)) return { group: `${layer} attention`, layout: `q, k and v in one tensor (${part})` };
    if (separateGate.test(part)) return { group: `${layer} mlp`, layout: "gate and up apart" };
    if (fusedGate.test(part)) return { group: `${layer} mlp`, layout: `gate and up in one tensor (${part})` };
  }
  return null;
}
