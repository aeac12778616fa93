import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytesPerElement } from "../checkpoint/dtype.ts";
import { planMerge } from "../plan/plan-merge.ts";
import { recipeSchema } from "../recipe/recipe.ts";
import { sketchCheckpoint } from "../test-support/checkpoints.ts";
import { plannedModels } from "../test-support/random-plans.ts";
import { tokenPlans } from "../test-support/random-token-plans.ts";
import { operandAlignment } from "./backend.ts";
import { type Batch, type BatchLimits, batchesOf } from "./batches.ts";
import { plannedReadBytes } from "./planned-bytes.ts";

const limits: BatchLimits = { inputBytes: 2048, outputBytes: 1024, operationCount: 3, copyBytes: 512 };

const writesOf = (batch: Batch) => (batch.kind === "merge" ? batch.writes : [batch.write]);
const readsOf = (batch: Batch) => {
  if (batch.kind === "precise") throw new Error("no model here has F64");
  return batch.kind === "merge" ? [...batch.reads, ...batch.keptReads] : [batch.read];
};

describe("batches", () => {
  test("write every byte of every tensor exactly once", () => {
    fc.assert(
      fc.property(fc.oneof(plannedModels, tokenPlans), ({ plan }) => {
        const ranges = [...batchesOf(plan, limits)].flatMap(writesOf).filter(({ byteLength }) => byteLength > 0);
        ranges.sort((a, b) => a.file - b.file || a.byteOffset - b.byteOffset);
        const expected = plan.output.files.map(({ headerJson }) => 8 + headerJson.length);
        for (const { file, byteOffset, byteLength } of ranges) {
          expect(byteOffset).toBe(expected[file]);
          expected[file] = byteOffset + byteLength;
        }
        expect(expected).toEqual(plan.output.files.map(({ byteLength }) => byteLength));
      }),
    );
  });

  test("follow the order of the output, but for what a slot holds", () => {
    fc.assert(
      fc.property(fc.oneof(plannedModels, tokenPlans), ({ plan }) => {
        const starts = plan.output.files.map((_, file) =>
          plan.output.files.slice(0, file).reduce((sum, { byteLength }) => sum + byteLength, 0),
        );
        const batches = [...batchesOf(plan, limits)].map((batch) =>
          writesOf(batch).map(({ file, byteOffset, byteLength }) => ({
            start: (starts[file] ?? 0) + byteOffset,
            end: (starts[file] ?? 0) + byteOffset + byteLength,
          })),
        );
        let reached = 0;
        for (const writes of batches) {
          const headers = plan.output.files.reduce((sum, { headerJson }) => sum + 8 + headerJson.length, 0);
          for (const { start } of writes) {
            expect(start).toBeGreaterThanOrEqual(reached - 2 * limits.outputBytes - limits.copyBytes - headers);
          }
          for (const { end } of writes) reached = Math.max(reached, end);
        }
      }),
    );
  });

  test("read as many bytes as the plan announces", () => {
    fc.assert(
      fc.property(fc.oneof(plannedModels, tokenPlans), ({ plan }) => {
        const read = [...batchesOf(plan, limits)].flatMap(readsOf).reduce((sum, { byteLength }) => sum + byteLength, 0);
        expect(read).toBe(plannedReadBytes(plan));
      }),
    );
  });

  test("stay within a slot, aligned, without overlaps", () => {
    fc.assert(
      fc.property(fc.oneof(plannedModels, tokenPlans), ({ plan }) => {
        for (const batch of batchesOf(plan, limits)) {
          if (batch.kind === "copy") {
            expect(batch.read.byteLength).toBeLessThanOrEqual(limits.copyBytes);
            continue;
          }
          if (batch.kind === "precise") throw new Error("no model here has F64");
          expect(batch.operations.length).toBeLessThanOrEqual(limits.operationCount);
          let inputEnd = 0;
          const inputs = [...batch.reads, ...batch.zeros].sort((a, b) => a.slotByteOffset - b.slotByteOffset);
          for (const { slotByteOffset, byteLength } of inputs) {
            expect(slotByteOffset).toBeGreaterThanOrEqual(inputEnd);
            inputEnd = slotByteOffset + byteLength;
          }
          let outputEnd = 0;
          for (const [index, { output, elementCount }] of batch.operations.entries()) {
            expect(output.byteOffset % operandAlignment).toBe(0);
            expect(output.byteOffset).toBeGreaterThanOrEqual(outputEnd);
            outputEnd = output.byteOffset + elementCount * bytesPerElement(output.dtype);
            expect(batch.writes[index]?.byteLength).toBe(elementCount * bytesPerElement(output.dtype));
          }
          expect(inputEnd).toBeLessThanOrEqual(limits.inputBytes);
          expect(outputEnd).toBeLessThanOrEqual(limits.outputBytes);
        }
      }),
    );
  });

  test("read a checkpoint with two roles once", () => {
    const target = sketchCheckpoint("base", [{ name: "a.weight", shape: [64] }]);
    const chat = sketchCheckpoint("chat", [{ name: "a.weight", shape: [64] }]);
    const recipe = recipeSchema.parse({ target: "base", vectors: [{ chat: "chat", base: "base" }] });
    const plan = planMerge({ recipe, target, vectors: [{ chat, base: target }] });
    const [batch] = batchesOf(plan, limits);
    expect(batch?.kind === "merge" && batch.reads).toHaveLength(2);
    expect(batch?.kind === "merge" && batch.operations[0]).toMatchObject({
      target: { byteOffset: 0 },
      vectors: [{ base: { byteOffset: 0 } }],
    });
  });

  test("pack small tensors together and cut large ones", () => {
    const names = (path: string) =>
      sketchCheckpoint(path, [
        { name: "large.weight", shape: [1000] },
        { name: "small.0.weight", shape: [8] },
        { name: "small.1.weight", shape: [8] },
      ]);
    const recipe = recipeSchema.parse({ target: "t", vectors: [{ chat: "c", base: "b" }] });
    const plan = planMerge({ recipe, target: names("t"), vectors: [{ chat: names("c"), base: names("b") }] });
    const shape = [...batchesOf(plan, limits)].map((batch) => (batch.kind === "merge" ? batch.tensors : []));
    expect(shape).toEqual([[0], [0], [0], [0, 1, 2]]);
  });
});
