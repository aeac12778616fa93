import { maximumPickleBytes } from "../limits.ts";
import { flood, type HostileFile, spec, weight, zip } from "./hostile-torch-files.ts";
import {
  bool,
  global,
  int,
  list,
  littleEndian,
  none,
  op,
  type PickleBytes,
  pickle,
  text,
  tuple,
} from "./pickle-bytes.ts";
import { machine, magicPickle, storage, torchLegacy } from "./torch-bytes.ts";
import { concat } from "./zip-bytes.ts";

/** Units that each need another number. */
function counted(count: number, unit: (index: number) => PickleBytes, start: PickleBytes = []): Uint8Array {
  const parts = [Uint8Array.from([...op("PROTO", 2), ...start])];
  for (let from = 0; from < count; from += 10_000) {
    const units = Array.from({ length: Math.min(10_000, count - from) }, (_, i) => unit(from + i));
    parts.push(Uint8Array.from(units.flat()));
  }
  return concat([...parts, Uint8Array.from(op("STOP"))]);
}

const limit = (title: string, bytes: () => Uint8Array, says: string): HostileFile => ({
  title,
  bytes: () => zip(bytes()),
  code: "pickle-limit",
  says,
});

/** Each would take far more memory or time than its size, if it were let. */
export const bombs: readonly HostileFile[] = [
  limit("marks", () => flood(op("MARK"), 4_000_000), "marks on the stack"),
  limit("values", () => flood(op("NONE"), 4_000_000), "values on the stack"),
  limit("instructions", () => flood(op("BINPUT", 0), 8_000_000, none), "instructions"),
  limit("protocols", () => flood(op("PROTO", 2), 8_000_000), "instructions"),
  limit("frames", () => flood(op("FRAME", ...littleEndian(0, 8)), 3_000_000), "instructions"),
  limit("appended values", () => flood([...none, ...op("APPEND")], 4_000_000, list()), ""),
  limit("tuples in tuples", () => flood(op("TUPLE1"), 4_000_000, tuple()), "values of at most"),
  limit("dicts", () => flood([...op("EMPTY_DICT"), ...op("APPEND")], 2_000_000, list()), "values of at most"),
  limit(
    "dicts with an entry",
    () => flood([...op("EMPTY_DICT"), ...none, ...none, ...op("SETITEM"), ...op("APPEND")], 1_000_000, list()),
    "values of at most",
  ),
  limit(
    "ordered dicts",
    () =>
      flood([...op("BINGET", 0), ...tuple(), ...op("REDUCE"), ...op("APPEND")], 1_000_000, [
        ...list(),
        ...global("collections", "OrderedDict"),
        ...op("BINPUT", 0),
        ...op("APPEND"),
      ]),
    "",
  ),
  limit("short texts", () => flood([...text("a"), ...op("APPEND")], 2_000_000, list()), ""),
  limit("long texts", () => flood([...text("é".repeat(500)), ...op("APPEND")], 30_000, list()), "values of at most"),
  {
    title: "long integers",
    bytes: () => zip(flood([...op("LONG1", 255), ...Array<number>(255).fill(7), ...op("APPEND")], 200_000, list())),
    code: "state-dict-missing",
    says: "a list",
  },
  limit(
    "memo entries",
    () => counted(2_000_000, (index) => op("LONG_BINPUT", ...littleEndian(index, 4)), none),
    "values to recall",
  ),
  limit(
    "a memo entry far away",
    () => pickle(none, op("LONG_BINPUT", ...littleEndian(0xffffffff, 4))),
    "values to recall",
  ),
  limit(
    "keys of a dict",
    () =>
      counted(
        1_500_000,
        (index) => [...op("BININT", ...littleEndian(index, 4)), ...none, ...op("SETITEM")],
        op("EMPTY_DICT"),
      ),
    "values of at most",
  ),
  limit(
    "pairs of a dict, over and over",
    () => {
      const pairs = list(...Array.from({ length: 500 }, (_, i) => tuple(int(i), none)));
      const start = [...list(), ...pairs, ...op("BINPUT", 1), ...op("APPEND")];
      const ordereds = [...global("collections", "OrderedDict"), ...op("BINPUT", 2), ...op("APPEND")];
      const unit = [...op("BINGET", 2), ...op("BINGET", 1), ...op("TUPLE1"), ...op("REDUCE"), ...op("APPEND")];
      return flood(unit, 100_000, [...start, ...ordereds]);
    },
    "values of at most",
  ),
  limit(
    "storages",
    () =>
      flood([...op("BINGET", 0), ...op("BINPERSID"), ...op("APPEND")], 1_000_000, [
        ...list(),
        ...tuple(text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), int(6)),
        ...op("BINPUT", 0),
        ...op("APPEND"),
      ]),
    "values of at most",
  ),
  limit(
    "tensors",
    () => {
      const rebuild = [...global("torch._utils", "_rebuild_tensor"), ...op("BINPUT", 0), ...op("APPEND")];
      const parts = [
        ...tuple(storage(spec), int(0), tuple(int(6)), tuple(int(1))),
        ...op("BINPUT", 1),
        ...op("APPEND"),
      ];
      const unit = [...op("BINGET", 0), ...op("BINGET", 1), ...op("REDUCE"), ...op("APPEND")];
      return flood(unit, 1_000_000, [...list(), ...rebuild, ...parts]);
    },
    "values of at most",
  ),
  {
    title: "lists in lists",
    bytes: () => zip(flood(op("EMPTY_LIST"), 60_000, [], Array<number>(59_999).fill(op("APPEND")[0] ?? 0))),
    code: "state-dict-missing",
    says: "a list",
  },
  {
    title: "tuples in tuples beside a tensor",
    bytes: () => {
      const start = [...op("EMPTY_DICT"), ...op("MARK"), ...text("w"), ...weight, ...text("x"), ...tuple(weight)];
      return zip(flood(op("TUPLE1"), 250_000, start, op("SETITEMS")));
    },
    code: "state-dict-ambiguous",
    says: '"x"',
  },
  {
    title: "an old file with more and more values",
    bytes: () => {
      const values = (name: string) => flood([...text(name), ...op("APPEND")], 200_000, list());
      return concat([magicPickle, pickle(int(1001)), pickle(machine(bool(true))), values("a"), values("b")]);
    },
    code: "pickle-limit",
    says: "values of at most",
  },
  {
    title: "a text of a gigabyte that is not there",
    bytes: () => zip(pickle(op("BINUNICODE", ...littleEndian(2 ** 30, 4)))),
    code: "pickle-invalid",
    says: "the end of the bytes",
  },
  {
    title: "a pickle longer than any",
    bytes: () => zip(new Uint8Array(maximumPickleBytes + 1)),
    code: "pickle-limit",
    says: `${maximumPickleBytes + 1} bytes`,
  },
  {
    title: "an old file whose pickle does not end",
    bytes: () =>
      torchLegacy(
        flood([...op("SHORT_BINBYTES", 250), ...Array<number>(250).fill(0), ...op("APPEND")], 300_000, list()),
        [],
      ),
    code: "pickle-limit",
    says: "STOP within",
  },
];
