import { parameterCount } from "../../src-core/checkpoint/checkpoint.ts";
import type { MergeServices } from "../export/merge-services.ts";
import type { InspectOptions } from "./commands.ts";
import { formatCount } from "./text.ts";

/** What a checkpoint's headers say, as JSON or as a table. */
export async function inspect({ checkpoint: path, json }: InspectOptions, { catalog }: MergeServices): Promise<string> {
  const { checkpoint } = await catalog.open(path);
  const files = checkpoint.files.map(({ name, byteLength }) => ({ name, bytes: byteLength }));
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const parameters = parameterCount(checkpoint);
  const tensors = checkpoint.tensors.map(({ name, dtype, shape, file, byteOffset, byteLength, strides }) => ({
    name,
    dtype,
    shape,
    file: files[file]?.name ?? "",
    byteOffset,
    byteLength,
    // Only where elements do not follow each other: in elements, as PyTorch counts them.
    ...(strides === undefined ? {} : { strides }),
  }));
  const { format, metadata } = checkpoint;
  if (json) return JSON.stringify({ path: checkpoint.path, format, parameters, bytes, files, tensors, metadata });
  const nameWidth = tensors.reduce((width, { name }) => Math.max(width, name.length), 0);
  const rows = tensors.map(
    ({ name, dtype, shape }) => `${name.padEnd(nameWidth)}  ${dtype.padEnd(5)}  [${shape.join(", ")}]`,
  );
  const head = [
    checkpoint.path,
    `${format}, ${formatCount(parameters)} parameters, ${formatCount(bytes)}B in ${files.length} ${files.length === 1 ? "file" : "files"}, ${tensors.length} tensors`,
    checkpoint.config?.architecture ?? "no config.json",
  ];
  return [...head, "", ...rows].join("\n");
}
