import {
  bool,
  call,
  global,
  int,
  list,
  littleEndian,
  none,
  op,
  ordered,
  type PickleBytes,
  pickle,
  text,
  textDict,
  tuple,
} from "./pickle-bytes.ts";
import { concat, type ZipEndFields, type ZipMember, zipBytes } from "./zip-bytes.ts";

/** A tensor as a pickle describes it: a view of a storage of so many elements. */
export interface TorchSpec {
  readonly key: string;
  readonly storage: string;
  readonly count: number;
  readonly offset?: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** torch._utils._rebuild_tensor_v2 of a storage in a zip archive. */
export function tensor(spec: TorchSpec): PickleBytes {
  return call(global("torch._utils", "_rebuild_tensor_v2"), ...tensorArguments(spec));
}

export function tensorArguments(spec: TorchSpec, format: "zip" | "legacy" = "zip"): PickleBytes[] {
  const { offset = 0, shape, strides } = spec;
  return [
    storage(spec, format),
    int(offset),
    tuple(...shape.map(int)),
    tuple(...strides.map(int)),
    bool(false),
    ordered(),
  ];
}

export function legacyTensor(spec: TorchSpec): PickleBytes {
  return call(global("torch._utils", "_rebuild_tensor_v2"), ...tensorArguments(spec, "legacy"));
}

/** A persistent id: ("storage", torch.<class>, key, "cpu", count), and None in the old format. */
export function storage(
  { key, storage, count }: Pick<TorchSpec, "key" | "storage" | "count">,
  format: "zip" | "legacy" = "zip",
  part: PickleBytes = none,
): PickleBytes {
  const id = [text("storage"), global("torch", storage), text(key), text("cpu"), int(count)];
  return [...tuple(...id, ...(format === "legacy" ? [part] : [])), ...op("BINPERSID")];
}

export interface TorchZipOptions {
  readonly root?: string;
  readonly members?: readonly ZipMember[];
  readonly end?: ZipEndFields;
}

/** A file as torch.save writes it: flags, alignment and end records are PyTorch's. */
export function torchZip(
  value: PickleBytes | Uint8Array,
  storages: Readonly<Record<string, Uint8Array>>,
  { root = "archive", members = [], end = { zip64: true } }: TorchZipOptions = {},
): Uint8Array {
  const data = value instanceof Uint8Array ? value : pickle(value);
  const fields = { flags: 0x808, alignment: 64 };
  return zipBytes(
    [
      { name: `${root}/data.pkl`, bytes: data, ...fields },
      ...Object.entries(storages).map(([key, bytes]) => ({ name: `${root}/data/${key}`, bytes, ...fields })),
      { name: `${root}/version`, bytes: new TextEncoder().encode("3\n"), ...fields },
      ...members,
    ],
    end,
  );
}

/** MAGIC_NUMBER of torch/serialization.py as a pickle. */
export const magicPickle = pickle(op("LONG1", 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19));

export const machine = (littleEndianMachine: PickleBytes): PickleBytes =>
  textDict({ protocol_version: int(1001), little_endian: littleEndianMachine, type_sizes: textDict({ int: int(4) }) });

/** A file as torch.save wrote it before 1.6; each storage with its count of elements. */
export function torchLegacy(
  value: PickleBytes | Uint8Array,
  storages: readonly { readonly key: string; readonly count: number; readonly bytes: Uint8Array }[],
  sysInfo: PickleBytes = machine(bool(true)),
): Uint8Array {
  return concat([
    magicPickle,
    pickle(int(1001)),
    pickle(sysInfo),
    value instanceof Uint8Array ? value : pickle(value),
    pickle(list(...storages.map(({ key }) => text(key)))),
    ...storages.flatMap(({ count, bytes }) => [Uint8Array.from(littleEndian(count, 8)), bytes]),
  ]);
}

/** Bytes that differ from place to place. */
export function countingBytes(byteLength: number, seed = 0): Uint8Array {
  return new Uint8Array(byteLength).map((_, index) => (index * 7 + seed * 31 + 3) % 251);
}
