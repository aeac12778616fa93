import { dtypeBits } from "../dtype.ts";
import { CallFault } from "./call-fault.ts";
import { describeKind, isTuple, type PickleValue, StorageClass, StorageReference } from "./pickle-values.ts";

/**
 * What a storage's persistent id says: ("storage", class, key, location, element count), and in the old format a sixth, null or
 * (key, offset, element count) of a part of the storage, which PyTorch before 1.0 shared so. Throws a CallFault.
 */
export function parseStorageId(id: PickleValue, format: "zip" | "legacy"): StorageReference {
  const length = format === "zip" ? 5 : 6;
  if (!isTuple(id) || id.length !== length || id[0] !== "storage") {
    throw new CallFault("pickle-invalid", `a storage's entry of ${length} values`, describeKind(id));
  }
  const type = id[1];
  const key = id[2];
  const location = id[3];
  const part = id[5];
  if (!(type instanceof StorageClass)) throw new CallFault("pickle-invalid", "a storage's class", describeKind(type));
  if (typeof key !== "string") throw new CallFault("pickle-invalid", "a storage's key", describeKind(key));
  if (typeof location !== "string") throw new CallFault("pickle-invalid", "a location", describeKind(location));
  const elementCount = naturalOf(id[4]);
  if (!Number.isSafeInteger(elementCount * bytesPerStorageElement(type))) {
    throw new CallFault("pickle-limit", "a storage within 2^53 bytes", `one of ${elementCount} elements`);
  }
  if (part === undefined || part === null) return new StorageReference(key, type.dtype, elementCount);
  if (!isTuple(part) || part.length !== 3) {
    throw new CallFault("pickle-invalid", "a part of a storage: 3 values", describeKind(part));
  }
  const [offset, partCount] = [naturalOf(part[1]), naturalOf(part[2])];
  if (offset + partCount > elementCount) {
    throw new CallFault(
      "tensor-offsets",
      `a part of ${elementCount} elements`,
      `one that ends at ${offset + partCount}`,
    );
  }
  return new StorageReference(key, type.dtype, elementCount, offset, partCount);
}

/** Bytes of an element of the storage's own class. */
export function bytesPerStorageElement({ dtype }: { readonly dtype: StorageReference["dtype"] }): number {
  return dtypeBits[dtype ?? "U8"] / 8;
}

function naturalOf(value: PickleValue | undefined): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new CallFault("pickle-invalid", "a whole number of elements", describeKind(value));
}
