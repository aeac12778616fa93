import { mix32 } from "./sample-random.ts";
import type { SampleModule, SampleTensor } from "./sample-tensors.ts";

/**
 * How far the sample's chat and target models lie from its base, tensor by tensor. The picture is that of instruction-tuned
 * Llamas: the chat vector is strongest in the MLPs a little past the middle and weakest in the norms; continual pre-training
 * moves embeddings, head and the outer layers most; between the two the cosine is small.
 *
 * Only + − × ÷ and square roots are used here and wherever sample bytes come from: they are correctly rounded, so the bytes
 * are the same on every engine. Math.exp and Math.log promise no bits.
 */
export interface SampleDelta {
  /** ‖chat − base‖ / ‖base‖ before rounding to the dtype. */
  readonly chat: number;
  /** ‖target − base‖ / ‖base‖, likewise. */
  readonly target: number;
  /** cos(chat − base, target − base), likewise. */
  readonly cosine: number;
}

interface ModuleStrength {
  readonly chat: number;
  readonly target: number;
  readonly family: "attention" | "mlp" | "norm" | "outside";
}

const strengths: Readonly<Record<SampleModule, ModuleStrength>> = {
  query: { chat: 0.28, target: 0.7, family: "attention" },
  key: { chat: 0.22, target: 0.6, family: "attention" },
  value: { chat: 0.42, target: 0.8, family: "attention" },
  "attention-output": { chat: 0.5, target: 0.9, family: "attention" },
  gate: { chat: 0.62, target: 0.8, family: "mlp" },
  up: { chat: 0.6, target: 0.9, family: "mlp" },
  down: { chat: 0.7, target: 1, family: "mlp" },
  router: { chat: 0.2, target: 0.3, family: "mlp" },
  "input-norm": { chat: 0.12, target: 0.15, family: "norm" },
  "post-attention-norm": { chat: 0.16, target: 0.2, family: "norm" },
  embedding: { chat: 0.18, target: 2.4, family: "outside" },
  "final-norm": { chat: 0.1, target: 0.2, family: "outside" },
  head: { chat: 0.3, target: 1.8, family: "outside" },
};

/** At the peak: 4.1 % of the base's norm in `down` for the chat vector, 6.5 % in the outer layers for the target's shift. */
const chatUnit = 0.045;
const targetUnit = 0.05;
/** Where over the depth the chat vector is strongest. */
const chatPeakDepth = 0.58;

export function deltaOf({ module, depth }: SampleTensor, key: number): SampleDelta {
  const { chat, target, family } = strengths[module];
  const outside = family === "outside";
  const chatProfile = outside ? 1 : 0.55 + 0.75 * bump((depth - chatPeakDepth) / 0.3);
  const outward = 2 * depth - 1;
  const targetProfile = outside ? 1 : 0.6 + 0.7 * outward * outward;
  return {
    chat: chatUnit * chat * chatProfile * jitter(key, 1),
    target: targetUnit * target * targetProfile * jitter(key, 2),
    cosine: cosineOf(module, family, depth),
  };
}

function cosineOf(module: SampleModule, family: ModuleStrength["family"], depth: number): number {
  if (family === "attention") return 0.08 * depth - 0.05;
  if (family === "mlp") return 0.1 * bump((depth - 0.7) / 0.3) - 0.02;
  if (family === "norm") return 0.15;
  return module === "embedding" ? -0.03 : 0.05;
}

/** 1 at 0, falling smoothly to 1/4 at ±1 and 1/25 at ±2. */
function bump(x: number): number {
  const width = 1 + x * x;
  return 1 / (width * width);
}

/** 0.94 to 1.06: neighbouring layers of real models are not quite in line. */
function jitter(key: number, salt: number): number {
  return 0.94 + (0.12 * mix32(key + salt)) / 2 ** 32;
}
