import { elementCount } from "../../src-core/checkpoint/checkpoint.ts";
import { isFloat } from "../../src-core/checkpoint/dtype.ts";
import { readElements } from "../../src-core/engine/precise.ts";
import { StudioError } from "../../src-core/errors.ts";
import { TensorIndex } from "../../src-core/plan/alignment.ts";
import { storageRuns } from "../../src-core/plan/element-runs.ts";
import { locationOf } from "../../src-core/plan/location.ts";
import type { PeekRequest, ValueWindow } from "../api/measuring.ts";
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
  if (!isFloat(tensor.dtype)) {
    throw new StudioError({
      code: "checkpoint-unsupported",
      what: "Values of this dtype are not shown",
      actual: tensor.dtype,
    });
  }
  const count = elementCount(tensor.shape);
  const rowCount = tensor.shape.length > 1 ? (tensor.shape[0] ?? 0) : Math.min(count, 1);
  const columnCount = rowCount === 0 ? 0 : count / rowCount;
  const columns = Math.max(0, Math.min(request.columnCount, columnCount - request.column));
  const rows = columns === 0 ? 0 : Math.max(0, Math.min(request.rowCount, rowCount - request.row));
  const files = await Promise.all(checkpoint.files.map(({ name }) => folder.open(name)));
  const { view, ...plain } = locationOf(0, tensor);
  const values: number[][] = [];
  for (let row = request.row; row < request.row + rows; row++) {
    const first = row * columnCount + request.column;
    const shown: number[] = [];
    for (const run of view ? storageRuns(view, first, columns) : [{ elementOffset: first, elementCount: columns }]) {
      shown.push(...(await readElements([files], plain, run.elementOffset, run.elementCount)));
    }
    values.push(shown);
  }
  return { rowCount, columnCount, values };
}
