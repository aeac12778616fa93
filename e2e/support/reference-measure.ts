import { bytesPerElement, type MergeableDtype } from "../../src-core/checkpoint/dtype.ts";
import { decodeElement } from "../../src-core/reference/decode.ts";
import { elementsOf, readBits } from "../../src-core/reference/elements.ts";
import { type ReadTensor, readTensors } from "./reference-merge.ts";

/** What float64 sums over the whole files say, with no code of the measuring pass. */
export interface ReferenceFigures {
  readonly relative: number;
  readonly relativeToTarget: number;
  readonly cosine: number;
  readonly mergedShiftRelative: number;
  readonly vector: number;
  readonly shift: number;
  readonly maximum: number;
  readonly mean: number;
  readonly zeroFraction: number;
}

type Models = Readonly<Record<"target" | "chat" | "base", ReadonlyMap<string, ReadTensor>>>;

export class ReferenceModels {
  readonly #models: Models;
  readonly #decoded = new Map<string, Float64Array>();

  private constructor(models: Models) {
    this.#models = models;
  }

  /** Without a target, the base stands in for it. */
  static async open(paths: { readonly target?: string; readonly chat: string; readonly base: string }) {
    const [target, chat, base] = await Promise.all(
      [paths.target ?? paths.base, paths.chat, paths.base].map((path) => readTensors(path)),
    );
    return new ReferenceModels({ target: target ?? new Map(), chat: chat ?? new Map(), base: base ?? new Map() });
  }

  get names(): readonly string[] {
    return [...this.#models.target.keys()];
  }

  values(role: "target" | "chat" | "base", name: string): Float64Array {
    const key = `${role} ${name}`;
    const known = this.#decoded.get(key);
    if (known !== undefined) return known;
    const tensor = this.#models[role].get(name);
    if (tensor === undefined) throw new Error(`${role} has no ${name}`);
    const dtype = tensor.dtype as MergeableDtype;
    const count = tensor.bytes.byteLength / bytesPerElement(dtype);
    const elements = elementsOf(dtype, tensor.bytes, 0, count);
    const values = Float64Array.from({ length: count }, (_, index) => decodeElement(dtype, readBits(elements, index)));
    this.#decoded.set(key, values);
    return values;
  }

  shape(name: string): readonly number[] {
    return this.#models.target.get(name)?.shape ?? [];
  }

  /** Of these tensors as one long vector, each moved by its own λ. */
  figures(names: readonly string[], scaleOf: (name: string) => number = () => 1): ReferenceFigures {
    const sum = { base: 0, target: 0, tau: 0, sigma: 0, sigmaTau: 0, moved: 0, absolute: 0, maximum: 0 };
    let zero = 0;
    let count = 0;
    for (const name of names) {
      const [target, chat, base] = (["target", "chat", "base"] as const).map((role) => this.values(role, name));
      const scale = Math.fround(scaleOf(name));
      for (let i = 0; i < (base?.length ?? 0); i++) {
        const b = base?.[i] ?? 0;
        const t = target?.[i] ?? 0;
        const tau = (chat?.[i] ?? 0) - b;
        sum.base += b * b;
        sum.target += t * t;
        sum.tau += tau * tau;
        sum.sigma += (t - b) ** 2;
        sum.sigmaTau += (t - b) * tau;
        sum.moved += (scale * tau) ** 2;
        sum.absolute += Math.abs(tau);
        sum.maximum = Math.max(sum.maximum, Math.abs(tau));
        if (tau === 0) zero++;
        count++;
      }
    }
    return {
      relative: Math.sqrt(sum.tau / sum.base),
      relativeToTarget: Math.sqrt(sum.tau / sum.target),
      cosine: sum.sigmaTau / Math.sqrt(sum.tau * sum.sigma),
      mergedShiftRelative: Math.sqrt(sum.moved / sum.target),
      vector: Math.sqrt(sum.tau),
      shift: Math.sqrt(sum.sigma),
      maximum: sum.maximum,
      mean: sum.absolute / count,
      zeroFraction: zero / count,
    };
  }
}

/** The tensors that a place of a Llama's heatmap stands for: "q_proj, layer 3", "embed". */
export function tensorsAt(place: string, names: readonly string[]): readonly string[] {
  const outside: Readonly<Record<string, string>> = {
    embed: "model.embed_tokens.weight",
    norm: "model.norm.weight",
    head: "lm_head.weight",
  };
  const whole = outside[place];
  if (whole !== undefined) return [whole];
  const [label = "", layer = ""] = place.split(/(?:, \d+ experts)?, layer /);
  const norms: Readonly<Record<string, string>> = {
    "input norm": "input_layernorm",
    "post-attn norm": "post_attention_layernorm",
  };
  const part = norms[label] ?? label;
  return names.filter((name) => name.startsWith(`model.layers.${layer}.`) && name.split(".").includes(part));
}
