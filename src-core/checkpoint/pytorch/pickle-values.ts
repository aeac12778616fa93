import type { Dtype } from "../dtype.ts";

/** What a pickle can hold here: plain data, and tensors as descriptions of where their elements lie. Tuples are arrays. */
export type PickleValue =
  | null
  | boolean
  | number
  | string
  | readonly PickleValue[]
  | OpaqueData
  | PickleList
  | PickleDict
  | StorageClass
  | TensorDtype
  | TensorClass
  | PickleFunction
  | StorageReference
  | TensorView;

/**
 * What values take in memory, in bytes: objects of V8 on 64 bits, rounded up. For text it is by the byte in the file, which
 * becomes at most two.
 */
export const valueBytes = {
  pointer: 8,
  tuple: 56,
  list: 240,
  item: 16,
  dict: 64,
  firstEntry: 240,
  entry: 128,
  text: 64,
  textByte: 2,
  reference: 112,
} as const;

/** Plain data that no tensor needs and that is not kept: bytes, long text, large integers, a device. */
export class OpaqueData {
  /** "bytes", "a long text" … */
  readonly kind: string;

  constructor(kind: string) {
    this.kind = kind;
  }
}

export class PickleList {
  readonly items: PickleValue[] = [];
}

/** A dict or an OrderedDict. Keys that are not text, a number, a boolean or None are the same only as the same object. */
export class PickleDict {
  readonly isOrdered: boolean;
  /** Null while it is empty: each tensor comes with an empty one. */
  #entries: Map<PickleValue, PickleValue> | null = null;

  constructor(isOrdered: boolean) {
    this.isOrdered = isOrdered;
  }

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  get(key: PickleValue): PickleValue | undefined {
    return this.#entries?.get(key);
  }

  has(key: PickleValue): boolean {
    return this.#entries?.has(key) ?? false;
  }

  set(key: PickleValue, value: PickleValue): void {
    this.#entries ??= new Map();
    this.#entries.set(key, value);
  }

  entries(): Iterable<[PickleValue, PickleValue]> {
    return this.#entries ?? [];
  }
}

/** A class such as torch.HalfStorage; `dtype` is null for the untyped one. */
export class StorageClass {
  readonly name: string;
  readonly dtype: Dtype | null;

  constructor(name: string, dtype: Dtype | null) {
    this.name = name;
    this.dtype = dtype;
  }
}

/** A value such as torch.float16; `dtype` is null for one that cannot be read. */
export class TensorDtype {
  readonly name: string;
  readonly dtype: Dtype | null;

  constructor(name: string, dtype: Dtype | null) {
    this.name = name;
    this.dtype = dtype;
  }
}

/** torch.Tensor or torch.nn.parameter.Parameter, where a pickle says of which class a tensor is. */
export class TensorClass {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** Counts memory before it is taken. Throws when it is more than a pickle may have. */
export interface MemoryAccount {
  charge(byteLength: number): void;
}

/** Gives the value that a call would give. Throws a CallFault for arguments that it does not take. */
export type PickleApply = (argumentTuple: readonly PickleValue[], account: MemoryAccount) => PickleValue;

/** One of the few functions whose meaning is known here. Nothing of Python's is ever called. */
export class PickleFunction {
  readonly name: string;
  readonly apply: PickleApply;

  constructor(name: string, apply: PickleApply) {
    this.name = name;
    this.apply = apply;
  }
}

/** A run of elements in the file, by its key. */
export class StorageReference {
  readonly key: string;
  /** Null for bytes without a type. */
  readonly dtype: Dtype | null;
  /** Of the whole storage; bytes where there is no type. */
  readonly elementCount: number;
  /** Where the part that is meant starts, and its length, in elements: the whole storage but in files of PyTorch before 1.0. */
  readonly partOffset: number;
  readonly partCount: number;

  constructor(key: string, dtype: Dtype | null, elementCount: number, partOffset = 0, partCount = elementCount) {
    this.key = key;
    this.dtype = dtype;
    this.elementCount = elementCount;
    this.partOffset = partOffset;
    this.partCount = partCount;
  }
}

/** A tensor as a view of a storage. That every element lies in the storage has been checked. */
export class TensorView {
  readonly storage: StorageReference;
  readonly dtype: Dtype;
  /** From the storage's start. */
  readonly elementOffset: number;
  readonly shape: readonly number[];
  /** In elements, one for each dimension. */
  readonly strides: readonly number[];

  constructor(
    storage: StorageReference,
    dtype: Dtype,
    elementOffset: number,
    shape: readonly number[],
    strides: readonly number[],
  ) {
    this.storage = storage;
    this.dtype = dtype;
    this.elementOffset = elementOffset;
    this.shape = shape;
    this.strides = strides;
  }
}

export function isTuple(value: PickleValue | undefined): value is readonly PickleValue[] {
  return Array.isArray(value);
}

/** A value's kind, for a message. */
export function describeKind(value: PickleValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "None";
  if (isTuple(value)) return `a tuple of ${value.length}`;
  if (value instanceof OpaqueData) return value.kind;
  if (value instanceof PickleList) return "a list";
  if (value instanceof PickleDict) return "a dict";
  if (value instanceof StorageReference) return "a storage";
  if (value instanceof TensorView) return "a tensor";
  if (typeof value === "object") return value.name;
  return typeof value === "string" ? "text" : typeof value === "boolean" ? "a boolean" : `the number ${value}`;
}
