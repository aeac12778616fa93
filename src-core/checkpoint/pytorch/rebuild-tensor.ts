import { maximumDimensionCount } from "../../limits.ts";
import { type Dtype, dtypeBits } from "../dtype.ts";
import { tensorByteLength } from "../tensor-size.ts";
import { CallFault } from "./call-fault.ts";
import {
  describeKind,
  isTuple,
  type MemoryAccount,
  type PickleApply,
  PickleDict,
  PickleFunction,
  type PickleValue,
  StorageReference,
  TensorClass,
  TensorDtype,
  TensorView,
  valueBytes,
} from "./pickle-values.ts";
import { bytesPerStorageElement } from "./storage-reference.ts";

type Arguments = readonly PickleValue[];

// What PyTorch calls to make a tensor of its parts. Source: PyTorch, torch/_utils.py and torch/_tensor.py.

/** (storage, storage_offset, size, stride): before PyTorch 0.4. */
export function rebuildTensor(argumentTuple: Arguments, account: MemoryAccount): TensorView {
  checkCount(argumentTuple, 4, 4);
  const storage = storageOf(argumentTuple[0]);
  return viewOf(storage, typeOf(storage), argumentTuple, account);
}

/** (storage, storage_offset, size, stride, requires_grad, backward_hooks, metadata=None) */
export function rebuildTensorV2(argumentTuple: Arguments, account: MemoryAccount): TensorView {
  checkCount(argumentTuple, 6, 7);
  checkGradient(argumentTuple[4], argumentTuple[5]);
  checkMetadata(argumentTuple[6]);
  const storage = storageOf(argumentTuple[0]);
  return viewOf(storage, typeOf(storage), argumentTuple, account);
}

/** (storage, storage_offset, size, stride, requires_grad, backward_hooks, dtype, metadata=None): dtypes that have no storage class. */
export function rebuildTensorV3(argumentTuple: Arguments, account: MemoryAccount): TensorView {
  checkCount(argumentTuple, 7, 8);
  checkGradient(argumentTuple[4], argumentTuple[5]);
  checkMetadata(argumentTuple[7]);
  const dtype = argumentTuple[6];
  if (!(dtype instanceof TensorDtype)) throw new CallFault("pickle-invalid", "a dtype", describeKind(dtype));
  if (dtype.dtype === null) throw new CallFault("dtype-unknown", "a dtype that safetensors has too", dtype.name);
  return viewOf(storageOf(argumentTuple[0]), dtype.dtype, argumentTuple, account);
}

/** (data, requires_grad, backward_hooks), and with a fourth: Python attributes, which say nothing of the elements. */
export function rebuildParameter(argumentTuple: Arguments): TensorView {
  checkCount(argumentTuple, 3, 4);
  const [data, requiresGrad, hooks] = argumentTuple;
  if (!(data instanceof TensorView)) throw new CallFault("pickle-invalid", "a tensor", describeKind(data));
  checkGradient(requiresGrad, hooks);
  return data;
}

const rebuilders: readonly PickleApply[] = [rebuildTensor, rebuildTensorV2, rebuildTensorV3, rebuildParameter];

/** (function, class, arguments, state): a tensor or parameter with Python attributes. */
export function rebuildFromType(argumentTuple: Arguments, account: MemoryAccount): PickleValue {
  checkCount(argumentTuple, 4, 4);
  const [rebuild, type, inner] = argumentTuple;
  if (!(rebuild instanceof PickleFunction) || !rebuilders.includes(rebuild.apply)) {
    throw new CallFault("pickle-refused", "a function that rebuilds a tensor", describeKind(rebuild));
  }
  if (!(type instanceof TensorClass)) throw new CallFault("pickle-refused", "a tensor's class", describeKind(type));
  if (!isTuple(inner)) throw new CallFault("pickle-invalid", "a tuple of arguments", describeKind(inner));
  return rebuild.apply(inner, account);
}

function checkCount({ length }: Arguments, minimum: number, maximum: number): void {
  if (length >= minimum && length <= maximum) return;
  const expected = minimum === maximum ? `${minimum}` : `${minimum} or ${maximum}`;
  throw new CallFault("pickle-invalid", `${expected} arguments`, `${length}`);
}

function storageOf(value: PickleValue | undefined): StorageReference {
  if (value instanceof StorageReference) return value;
  throw new CallFault("pickle-invalid", "a storage", describeKind(value));
}

/** Bytes without a type are bytes. */
function typeOf({ dtype }: StorageReference): Dtype {
  return dtype ?? "U8";
}

/** Whether a tensor has a gradient does not matter; hooks are functions, which nobody could call. */
function checkGradient(requiresGrad: PickleValue | undefined, hooks: PickleValue | undefined): void {
  if (typeof requiresGrad !== "boolean") {
    throw new CallFault("pickle-invalid", "requires_grad: a boolean", describeKind(requiresGrad));
  }
  if (hooks === null || (hooks instanceof PickleDict && hooks.size === 0)) return;
  throw new CallFault("pickle-refused", "no backward hooks", describeKind(hooks));
}

/** A view may be said to be conjugated or negated, though its elements in the file are not. */
function checkMetadata(metadata: PickleValue | undefined): void {
  if (metadata === undefined || metadata === null) return;
  if (!(metadata instanceof PickleDict)) {
    throw new CallFault("pickle-invalid", "metadata: a dict", describeKind(metadata));
  }
  for (const [key, value] of metadata.entries()) {
    if (value === false) continue;
    const name = typeof key === "string" ? key : describeKind(key);
    throw new CallFault(
      "pickle-refused",
      "a tensor whose elements are as they are in the file",
      `the property ${name.slice(0, 40)}`,
      "Save the tensor after .resolve_conj() and .resolve_neg()",
    );
  }
}

/** Of arguments that start with (storage, storage_offset, size, stride). */
function viewOf(storage: StorageReference, dtype: Dtype, argumentTuple: Arguments, account: MemoryAccount): TensorView {
  account.charge(valueBytes.reference);
  const elementOffset = naturalOf("a storage offset", argumentTuple[1]);
  const shape = naturalsOf("a size", argumentTuple[2]);
  const strides = naturalsOf("a stride", argumentTuple[3]);
  if (shape.length !== strides.length) {
    throw new CallFault("pickle-invalid", `${shape.length} strides`, `${strides.length}`);
  }
  if (tensorByteLength(dtype, shape) === null) {
    throw new CallFault("pickle-limit", "a size within 2^53 bytes", `[${shape.join(", ")}]`);
  }
  const available = Math.floor((storage.partCount * bytesPerStorageElement(storage) * 8) / dtypeBits[dtype]);
  const needed = elementOffset + extentOf(shape, strides);
  // Not by a sum that may be rounded: beyond 2^53 it is above every file's size all the same.
  if (needed > available) {
    throw new CallFault("tensor-offsets", `a view within the storage's ${available} elements`, `one of ${needed}`);
  }
  return new TensorView(storage, dtype, elementOffset, shape, strides);
}

/** Elements from a view's first to behind its last; 0 for a view of none. */
function extentOf(shape: readonly number[], strides: readonly number[]): number {
  let last = 0;
  for (let i = 0; i < shape.length; i++) {
    const dimension = shape[i] ?? 0;
    if (dimension === 0) return 0;
    last += (dimension - 1) * (strides[i] ?? 0);
  }
  return last + 1;
}

function naturalsOf(what: string, value: PickleValue | undefined): readonly number[] {
  if (!isTuple(value)) throw new CallFault("pickle-invalid", `${what} for each dimension`, describeKind(value));
  if (value.length > maximumDimensionCount) {
    throw new CallFault("pickle-limit", `at most ${maximumDimensionCount} dimensions`, `${value.length}`);
  }
  for (let i = 0; i < value.length; i++) naturalOf(what, value[i]);
  // The pickle's own tuple, which nothing changes: tensors are many.
  return value as readonly number[];
}

function naturalOf(what: string, value: PickleValue | undefined): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new CallFault("pickle-invalid", `${what}: a whole number that is not negative`, describeKind(value));
}
