import { elementCount } from "../src-core/checkpoint/checkpoint.ts";
import { bytesPerElement, isMergeable } from "../src-core/checkpoint/dtype.ts";
import { StudioError } from "../src-core/errors.ts";
import { TensorIndex } from "../src-core/plan/alignment.ts";
import { storageRuns } from "../src-core/plan/element-runs.ts";
import { decodeElement } from "../src-core/reference/decode.ts";
import { elementsOf, readBits } from "../src-core/reference/elements.ts";
import type { PeekRequest, ValueWindow } from "./api.ts";
import type { Catalog } from "./catalog.ts";

/** A rectangle of a tensor's values, copied out of the memory map. Rejects with a StudioError. */
export async function peekValues(request: PeekRequest, catalog: Catalog): Promise<ValueWindow> {
  const { checkpoint, folder } = catalog.get(request.checkpoint);
  const tensor = new TensorIndex(checkpoint).findOrTied(request.tensor);
  if (tensor === null) {
    throw new StudioError({
      code: "checkpoint-not-found",
      what: "This model has no such tensor",
      where: request.tensor,
    });
  }
  if (!isMergeable(tensor.dtype)) {
    throw new StudioError({
      code: "checkpoint-unsupported",
      what: "Values of this dtype are not shown",
      actual: tensor.dtype,
    });
  }
  const dtype = tensor.dtype;
  const width = bytesPerElement(dtype);
  const count = elementCount(tensor.shape);
  const rowCount = tensor.shape.length > 1 ? (tensor.shape[0] ?? 0) : Math.min(count, 1);
  const columnCount = rowCount === 0 ? 0 : count / rowCount;
  const columns = Math.max(0, Math.min(request.columnCount, columnCount - request.column));
  const rows = columns === 0 ? 0 : Math.max(0, Math.min(request.rowCount, rowCount - request.row));
  const file = await folder.open(checkpoint.files[tensor.file]?.name ?? "");
  const bytes = new Uint8Array(columns * width);
  const values: number[][] = [];
  for (let row = request.row; row < request.row + rows; row++) {
    const first = row * columnCount + request.column;
    const view = tensor.strides && { shape: tensor.shape, strides: tensor.strides };
    let filled = 0;
    for (const run of view ? storageRuns(view, first, columns) : [{ elementOffset: first, elementCount: columns }]) {
      const place = bytes.subarray(filled, filled + run.elementCount * width);
      file.copyInto(place, tensor.byteOffset + run.elementOffset * width);
      filled += place.byteLength;
    }
    const elements = elementsOf(dtype, bytes, 0, columns);
    values.push(Array.from({ length: columns }, (_, column) => decodeElement(dtype, readBits(elements, column))));
  }
  return { rowCount, columnCount, values };
}
