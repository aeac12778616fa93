import { StudioError } from "../../errors.ts";
import type { ByteSource } from "../byte-source.ts";
import { dtypeBits } from "../dtype.ts";
import type { HeaderTensor } from "../header-entries.ts";
import { quoteName } from "../quote.ts";
import { tensorByteLength } from "../tensor-size.ts";
import type { TensorView } from "./pickle-values.ts";
import { findStateDict } from "./state-dict.ts";
import { bytesPerStorageElement } from "./storage-reference.ts";
import type { TorchContents } from "./torch-contents.ts";

/** A tensor as it lies in a PyTorch file. `byteOffset` is its first element's, `byteLength` that of its elements alone. */
export interface TorchTensor extends HeaderTensor {
  /** In elements, one for each dimension; absent where the elements follow each other in the shape's order. */
  readonly strides?: readonly number[];
}

/**
 * The tensors of the model that a PyTorch file holds, by offset; of several at one offset, in the file's order. Of the tensors'
 * bytes none is read. Every element lies in the file. Rejects with a StudioError.
 */
export async function tensorsOfTorchFile(source: ByteSource, contents: TorchContents): Promise<TorchTensor[]> {
  const stateDict = findStateDict(contents.value, source.name);
  const places = await contents.locate([...stateDict.values()].map(({ storage }) => storage));
  const tensors = [...stateDict].map(([name, view]) => {
    const storageByteOffset = places.get(view.storage.key);
    if (storageByteOffset === undefined) throw new Error(`storage ${view.storage.key} was not located`);
    return torchTensor(name, view, storageByteOffset, source);
  });
  return tensors.sort((a, b) => a.byteOffset - b.byteOffset);
}

function torchTensor(name: string, view: TensorView, storageByteOffset: number, source: ByteSource): TorchTensor {
  const { dtype, shape, strides, storage } = view;
  const partByteOffset = storage.partOffset * bytesPerStorageElement(storage);
  const byteOffset = storageByteOffset + partByteOffset + view.elementOffset * (dtypeBits[dtype] / 8);
  const byteLength = tensorByteLength(dtype, shape);
  // Strides of 0 repeat elements. More of them than the file has bytes no model has, and nobody has room for.
  if (byteLength === null || byteLength > source.byteLength) {
    throw new StudioError({
      code: "tensor-size",
      what: "A tensor repeats its elements beyond measure",
      where: `${source.name}, tensor ${quoteName(name)}`,
      expected: `at most the file's ${source.byteLength} bytes`,
      actual: `${byteLength ?? "more than 2^53"} bytes for ${dtype} [${shape.join(", ")}]`,
    });
  }
  const tensor = { name, dtype, shape, byteOffset, byteLength };
  return isContiguous(shape, strides) ? tensor : { ...tensor, strides };
}

/** As PyTorch says it: the stride of a dimension of 1 does not matter, and a tensor of none is. */
function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  if (shape.includes(0)) return true;
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const dimension = shape[i] ?? 1;
    if (dimension === 1) continue;
    if (strides[i] !== expected) return false;
    expected *= dimension;
  }
  return true;
}
