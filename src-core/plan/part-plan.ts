import { StudioError } from "../errors.ts";
import type { MergePlan } from "./merge-plan.ts";

/** One of several shares of a merge, which other machines may do at the same time. */
export interface Part {
  /** From 1. */
  readonly index: number;
  readonly count: number;
}

/**
 * What of a plan one part does: every count-th output file, whole, and the tensors in it. A file is as it is in the whole, name and every byte;
 * parts never meet, and together they are everything. With more parts than files some have none. Throws a RangeError for no part.
 */
export function partPlan(plan: MergePlan, { index, count }: Part): MergePlan {
  if (!(Number.isInteger(index) && Number.isInteger(count) && index >= 1 && index <= count)) {
    throw new RangeError(`part ${index} of ${count}`);
  }
  const places = new Map<number, number>();
  const files = plan.output.files.filter((_, file) => {
    if (file % count !== index - 1) return false;
    places.set(file, places.size);
    return true;
  });
  const tensors = plan.tensors.flatMap((tensor) => {
    const file = places.get(tensor.output.file);
    return file === undefined ? [] : [{ ...tensor, output: { ...tensor.output, file } }];
  });
  const byteLength = files.reduce((sum, file) => sum + file.byteLength, 0);
  return { ...plan, tensors, output: { files, indexJson: null, byteLength } };
}

/** Reads "2/4". Throws a StudioError `usage` for anything that is no part. */
export function parsePart(text: string): Part {
  const match = /^(\d{1,6})\/(\d{1,6})$/.exec(text);
  const part = { index: Number(match?.[1]), count: Number(match?.[2]) };
  if (part.index >= 1 && part.index <= part.count) return part;
  throw new StudioError({
    code: "usage",
    what: "That is no part of a merge",
    expected: "2/4, for the second of four",
    actual: text,
  });
}
