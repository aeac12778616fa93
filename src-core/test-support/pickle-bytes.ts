import { type Opcode, opcodeBytes } from "../checkpoint/pytorch/pickle-opcodes.ts";

/** Pickles assembled by hand, as Python's pickler writes them or as it never would. Each part is a run of bytes. */
export type PickleBytes = readonly number[];

export function op(name: Opcode, ...argument: readonly number[]): PickleBytes {
  return [opcodeBytes[name], ...argument];
}

export function littleEndian(value: number, byteLength: number): number[] {
  const bytes = [];
  for (let rest = value; bytes.length < byteLength; rest = Math.floor(rest / 256))
    bytes.push(((rest % 256) + 256) % 256);
  return bytes;
}

export function utf8(text: string): number[] {
  return [...new TextEncoder().encode(text)];
}

/** A whole pickle of protocol 2. */
export function pickle(...parts: readonly PickleBytes[]): Uint8Array {
  return Uint8Array.from([op("PROTO", 2), ...parts, op("STOP")].flat());
}

export function text(value: string): PickleBytes {
  const bytes = utf8(value);
  return op("BINUNICODE", ...littleEndian(bytes.length, 4), ...bytes);
}

export function int(value: number): PickleBytes {
  if (Number.isInteger(value) && value >= 0 && value < 256) return op("BININT1", value);
  if (value >= -(2 ** 31) && value < 2 ** 31) return op("BININT", ...littleEndian(value, 4));
  return op("LONG1", 8, ...littleEndian(value, 8));
}

export function bool(value: boolean): PickleBytes {
  return op(value ? "NEWTRUE" : "NEWFALSE");
}

export const none = op("NONE");

export function global(module: string, name: string): PickleBytes {
  return op("GLOBAL", ...utf8(`${module}\n${name}\n`));
}

export function tuple(...items: readonly PickleBytes[]): PickleBytes {
  return [...op("MARK"), ...items.flat(), ...op("TUPLE")];
}

export function list(...items: readonly PickleBytes[]): PickleBytes {
  return [...op("EMPTY_LIST"), ...op("MARK"), ...items.flat(), ...op("APPENDS")];
}

export function call(callable: PickleBytes, ...items: readonly PickleBytes[]): PickleBytes {
  return [...callable, ...tuple(...items), ...op("REDUCE")];
}

export function ordered(): PickleBytes {
  return call(global("collections", "OrderedDict"));
}

/** Fills the dict that `empty` makes. */
export function dict(entries: readonly (readonly [PickleBytes, PickleBytes])[], empty = op("EMPTY_DICT")): PickleBytes {
  return [...empty, ...op("MARK"), ...entries.flat(2), ...op("SETITEMS")];
}

export function textDict(entries: Readonly<Record<string, PickleBytes>>, empty = op("EMPTY_DICT")): PickleBytes {
  return dict(
    Object.entries(entries).map(([key, value]) => [text(key), value]),
    empty,
  );
}
