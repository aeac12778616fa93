import fc from "fast-check";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import type { Dtype } from "../checkpoint/dtype.ts";
import type { MergePlan } from "../plan/merge-plan.ts";
import { planMerge } from "../plan/plan-merge.ts";
import { recipeSchema } from "../recipe/recipe.ts";
import { sketchCheckpoint } from "./checkpoints.ts";

export interface PlannedModels {
  readonly plan: MergePlan;
  /** By the plan's sources. */
  readonly checkpoints: readonly Checkpoint[];
}

const dtypes: Dtype[] = ["F32", "F16", "BF16"];
const sizes = fc.oneof(fc.constantFrom(0, 1, 7, 8, 9), fc.integer({ min: 0, max: 3000 }));

const tensor = fc.record({
  size: sizes,
  dtypes: fc.array(fc.constantFrom(...dtypes), { minLength: 5, maxLength: 5 }),
  kind: fc.constantFrom("all", "all", "all", "only-target", "integer", "vocabulary"),
});

/** Plans of one or two vectors over small tensors of every dtype, some copied, some empty, some with more rows in the target. */
export const plannedModels: fc.Arbitrary<PlannedModels> = fc
  .record({
    tensors: fc.array(tensor, { minLength: 1, maxLength: 12 }),
    vectorCount: fc.constantFrom(1, 2),
    scales: fc.array(fc.constantFrom(0, 1, -1, 0.7, 0.25), { minLength: 2, maxLength: 2 }),
    output: fc.constantFrom("same" as const, "BF16" as const, "F32" as const),
    shardBytes: fc.constantFrom(1, 5000, 1e9),
  })
  .map(({ tensors, vectorCount, scales, output, shardBytes }) => {
    const model = (role: number) =>
      sketchCheckpoint(
        `model-${role}`,
        tensors.flatMap(({ size, dtypes: chosen, kind }, index) => {
          if (kind === "only-target" && role > 0) return [];
          const dtype = kind === "integer" ? "I64" : (chosen[role] ?? "F32");
          // Only one tensor may be called the head; the others differ by their index.
          if (kind === "vocabulary" && index === 0)
            return [{ name: "lm_head.weight", dtype, shape: [size + (role === 0 ? 5 : 0), 3] }];
          return [{ name: `tensor.${index}.weight`, dtype, shape: size % 7 === 0 ? [7, size / 7] : [size] }];
        }),
      );
    const checkpoints = Array.from({ length: 1 + 2 * vectorCount }, (_, role) => model(role));
    const pairs = Array.from({ length: vectorCount }, (_, index) => ({
      chat: checkpoints[1 + 2 * index] as Checkpoint,
      base: checkpoints[2 + 2 * index] as Checkpoint,
    }));
    const recipe = recipeSchema.parse({
      target: "model-0",
      vectors: pairs.map(({ chat, base }, index) => ({ chat: chat.path, base: base.path, scale: scales[index] })),
      vocabulary: "first-rows",
      output: { dtype: output, shardBytes },
    });
    return { plan: planMerge({ recipe, target: checkpoints[0] as Checkpoint, vectors: pairs }), checkpoints };
  });
