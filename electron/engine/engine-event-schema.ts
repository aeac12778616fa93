import { z } from "zod";
import type { EngineEvent } from "../../src-core/engine/protocol.ts";
import { type ErrorCode, exitCodes } from "../../src-core/errors.ts";
import type { TensorStatistics } from "../../src-core/statistics/tensor-statistics.ts";
import { histogramBinCount } from "../../src-core/statistics/tensor-sums.ts";

const count = z.number().int().min(0);
/** A list that is refused at its first wrong element: zod's own gathers what is wrong with all, and runs out of stack at 100,000. */
const list = <Element>(element: z.ZodType<Element>) =>
  z.custom<Element[]>((value) => Array.isArray(value) && [...value].every((each) => element.safeParse(each).success));
/** Sums may have overflowed. */
const sum = z.custom<number>((value) => typeof value === "number");
const text = z.string().max(65_536);
const job = z.string().min(1).max(100);
const role = z.enum(["target", "chat", "base"]);

const failure = z
  .strictObject({
    code: z.enum(Object.keys(exitCodes) as [ErrorCode, ...ErrorCode[]]),
    what: text,
    where: text.optional(),
    expected: text.optional(),
    actual: text.optional(),
    advice: text.optional(),
  })
  .transform(({ code, what, ...rest }) => ({ code, what, ...withoutUndefined(rest) }));

const progress = { bytesRead: count, bytesWritten: count };

const statistics = z.strictObject({
  name: text,
  elementCount: count,
  target: sum.nullable(),
  vectors: list(
    z.strictObject({
      elementCount: count,
      base: sum,
      chat: sum,
      vector: sum,
      shift: sum,
      targetVector: sum,
      shiftVector: sum,
      absolute: sum,
      maximum: sum,
      zeroCount: count,
      histogram: z.instanceof(Uint32Array).refine(({ length }) => length === histogramBinCount),
    }),
  ),
  pairs: list(z.strictObject({ vectors: sum, shiftOfFirst: sum, shiftOfSecond: sum })),
  nonFiniteCount: count,
  firstNonFinite: z.strictObject({ index: count, role, vector: count }).nullable(),
});

const inspection = z.strictObject({
  rowNorms: z.instanceof(Float64Array),
  values: list(z.strictObject({ role, least: sum, width: sum, counts: list(count) })),
});

/** Everything that the engine says to main. */
const engineEventSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ready"),
    kind: z.enum(["gpu", "cpu"]),
    adapter: text,
    fallback: z.boolean(),
    because: text,
    foundGpu: z.strictObject({ name: text.nullable(), isFallback: z.boolean() }).exactOptional(),
  }),
  z.strictObject({ type: z.literal("unavailable"), failure }),
  z.strictObject({
    type: z.literal("progress"),
    job,
    progress: z.strictObject(progress),
    before: z.strictObject(progress),
  }),
  z.strictObject({
    type: z.literal("written"),
    job,
    ranges: list(z.strictObject({ file: count, start: count, end: count })),
  }),
  z.strictObject({
    type: z.literal("merged"),
    job,
    outcome: z.strictObject({ ...progress, newNonFinite: list(z.strictObject({ tensor: text, count })) }),
  }),
  z.strictObject({ type: z.literal("measuring"), job, tensors: list(statistics), bytesRead: count }),
  z.strictObject({ type: z.literal("measured"), job, bytesRead: count }),
  z.strictObject({ type: z.literal("inspected"), job, inspection }),
  z.strictObject({ type: z.literal("tried"), job }),
  z.strictObject({ type: z.literal("failed"), job, failure }),
]);

/** What came through the engine's port, when it is something that the engine says; null for anything else. */
export function parseEngineEvent(message: unknown): EngineEvent | null {
  const parsed = engineEventSchema.safeParse(message);
  return parsed.success ? parsed.data : null;
}

/** Whether all of them are what the engine measures of a tensor. */
export function isStatistics(values: readonly unknown[]): values is readonly TensorStatistics[] {
  return values.every((value) => statistics.safeParse(value).success);
}

function withoutUndefined<Fields extends Record<string, string | undefined>>(
  fields: Fields,
): { [Key in keyof Fields]?: string } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Fields]?: string;
  };
}
