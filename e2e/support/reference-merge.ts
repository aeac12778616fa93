import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesPerElement, isMergeable } from "../../src-core/checkpoint/dtype.ts";
import { elementsOf } from "../../src-core/reference/elements.ts";
import { mergeElements } from "../../src-core/reference/merge.ts";

export interface ReadTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Every tensor of a folder's safetensors files, read with the few lines that the format needs when files are known to be good. */
export async function readTensors(folder: string): Promise<Map<string, ReadTensor>> {
  const tensors = new Map<string, ReadTensor>();
  for (const name of (await readdir(folder)).filter((entry) => entry.endsWith(".safetensors"))) {
    const file = await readFile(join(folder, name));
    const headerLength = Number(file.readBigUInt64LE(0));
    const header = JSON.parse(file.toString("utf8", 8, 8 + headerLength));
    for (const [tensor, entry] of Object.entries<{ dtype: string; shape: number[]; data_offsets: [number, number] }>(
      header,
    )) {
      if (tensor === "__metadata__") continue;
      const [begin, end] = entry.data_offsets.map((offset) => offset + 8 + headerLength) as [number, number];
      tensors.set(tensor, { dtype: entry.dtype, shape: entry.shape, bytes: file.subarray(begin, end) });
    }
  }
  return tensors;
}

export interface ReferenceModels {
  readonly base: string;
  readonly chat: string;
  readonly target: string;
}

/** What merging one chat vector must have written: the reference over whole tensors, dtype kept. */
export function referenceMerge(
  { base, chat, target }: ReferenceModels,
  scale: number,
): Promise<Map<string, Uint8Array>> {
  return referenceMergeOf(target, [{ chat, base, scale }]);
}

export interface ReferenceVector {
  readonly chat: string;
  readonly base: string;
  /** λ of all tensors, or of each by its name. */
  readonly scale: number | ((tensor: string) => number);
}

/** The same for several vectors, added in order. */
export async function referenceMergeOf(
  target: string,
  vectors: readonly ReferenceVector[],
): Promise<Map<string, Uint8Array>> {
  const models = await Promise.all(
    vectors.map(async ({ chat, base, scale }) => ({
      scaleOf: typeof scale === "number" ? () => scale : scale,
      chat: await readTensors(chat),
      base: await readTensors(base),
    })),
  );
  const merged = new Map<string, Uint8Array>();
  for (const [name, { dtype, bytes }] of await readTensors(target)) {
    if (!isMergeable(dtype as "F32")) throw new Error(`${name} is ${dtype}`);
    const count = bytes.byteLength / bytesPerElement(dtype as "F32");
    const output = new Uint8Array(bytes.byteLength);
    const elements = ({ dtype: of, bytes: from }: ReadTensor) => elementsOf(of as "F32", from, 0, count);
    const slices = models.map(({ scaleOf, chat, base }) => ({
      scale: Math.fround(scaleOf(name)),
      chat: elements(get(chat, name)),
      base: elements(get(base, name)),
    }));
    mergeElements(
      count,
      elementsOf(dtype as "F32", bytes, 0, count),
      slices,
      elementsOf(dtype as "F32", output, 0, count),
    );
    merged.set(name, output);
  }
  return merged;
}

/** Names of tensors whose written bytes are not the expected ones. */
export async function differingTensors(folder: string, expected: ReadonlyMap<string, Uint8Array>): Promise<string[]> {
  const written = await readTensors(folder);
  const names = new Set([...written.keys(), ...expected.keys()]);
  return [...names].filter((name) => {
    const [actual, wanted] = [written.get(name)?.bytes, expected.get(name)];
    return actual === undefined || wanted === undefined || Buffer.compare(actual, wanted) !== 0;
  });
}

function get<Value>(map: ReadonlyMap<string, Value> | undefined, name: string): Value {
  const found = map?.get(name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
}
