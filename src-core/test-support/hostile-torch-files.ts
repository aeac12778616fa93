import type { ErrorCode } from "../errors.ts";
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
  utf8,
} from "./pickle-bytes.ts";
import { countingBytes, machine, magicPickle, tensor, torchLegacy, torchZip } from "./torch-bytes.ts";
import { concat } from "./zip-bytes.ts";

/** A file that must be refused, with what the error says. */
export interface HostileFile {
  readonly title: string;
  readonly bytes: () => Uint8Array;
  readonly code: ErrorCode;
  /** Part of the message: for what runs code, its name. */
  readonly says: string;
}

export const spec = { key: "0", storage: "FloatStorage", count: 6, shape: [6], strides: [1] };
export const zip = (value: PickleBytes | Uint8Array) => torchZip(value, { 0: countingBytes(24) });
export const weight = tensor(spec);

/** `unit` so many times over, between a pickle's start and what follows. */
export function flood(unit: PickleBytes, count: number, start: PickleBytes = [], end: PickleBytes = []): Uint8Array {
  const bytes = new Uint8Array(2 + start.length + unit.length * count + end.length + 1);
  bytes.set([...op("PROTO", 2), ...start]);
  const body = bytes.subarray(2 + start.length, 2 + start.length + unit.length * count);
  body.set(unit);
  for (let done = unit.length; done < body.length; done *= 2)
    body.copyWithin(done, 0, Math.min(done, body.length - done));
  bytes.set([...end, ...op("STOP")], bytes.length - end.length - 1);
  return bytes;
}

const code = (title: string, value: PickleBytes | Uint8Array, says: string): HostileFile => ({
  title,
  bytes: () => zip(value),
  code: "pickle-refused",
  says,
});
const malformed = (title: string, value: PickleBytes | Uint8Array, says: string): HostileFile => ({
  title,
  bytes: () => zip(value),
  code: "pickle-invalid",
  says,
});
const command = text("touch /tmp/it-ran");
const run = (module: string, name: string) =>
  code(`a call of ${module}.${name}`, call(global(module, name), command), `"${module}.${name}"`);
const system = call(global("os", "system"), command);

const calls: HostileFile[] = [
  ...[
    ["os", "system"],
    ["posix", "system"],
    ["nt", "system"],
    ["subprocess", "Popen"],
    ["builtins", "eval"],
    ["builtins", "exec"],
    ["builtins", "getattr"],
    ["builtins", "open"],
    ["__builtin__", "eval"],
    ["pickle", "loads"],
    ["_pickle", "loads"],
    ["_codecs", "encode"],
    ["functools", "partial"],
    ["operator", "attrgetter"],
    ["importlib", "import_module"],
    ["runpy", "run_path"],
    ["webbrowser", "open"],
    ["numpy.core.multiarray", "_reconstruct"],
    ["torch.hub", "load"],
    ["torch", "load"],
    ["torch.storage", "_load_from_bytes"],
    ["torch._utils", "_rebuild_qtensor"],
    ["torch._utils", "_rebuild_sparse_tensor"],
    ["torch._utils", "_rebuild_tensor_v4"],
    ["torch.nn.modules.linear", "Linear"],
    ["__main__", "Model"],
    ["collections", "Counter"],
    // A name with dots leads through attributes, wherever it starts.
    ["torch._utils", "os.system"],
    ["torch", "_utils._rebuild_tensor_v2"],
    ["collections", "OrderedDict.__class__"],
    // What an object of JavaScript has of its own.
    ["constructor", "prototype"],
    ["", "__proto__"],
  ].map(([module = "", name = ""]) => run(module, name)),
  code(
    "STACK_GLOBAL",
    [...text("os"), ...text("system"), ...op("STACK_GLOBAL"), ...tuple(command), ...op("REDUCE")],
    '"os.system"',
  ),
  code("INST", [...op("MARK"), ...command, ...op("INST", ...utf8("os\nsystem\n"))], '"os.system"'),
  code("INST of what is known", [...op("MARK"), ...op("INST", ...utf8("torch\nSize\n"))], "the instruction INST"),
  code("OBJ", [...op("MARK"), ...global("collections", "OrderedDict"), ...op("OBJ")], "the instruction OBJ"),
  ...(["NEWOBJ", "NEWOBJ_EX"] as const).map((name) =>
    code(name, [...global("collections", "OrderedDict"), ...tuple(), ...op(name)], `the instruction ${name}`),
  ),
  code("EXT1", op("EXT1", 1), "the instruction EXT1"),
  code("EXT2", op("EXT2", 1, 0), "the instruction EXT2"),
  code("EXT4", op("EXT4", 1, 0, 0, 0), "the instruction EXT4"),
  code("PERSID", op("PERSID", ...utf8("0\n")), "the instruction PERSID"),
  code("BUILD on a tensor", [...weight, ...textDict({ a: int(1) }), ...op("BUILD")], "on a tensor"),
  code("BUILD on a function", [...global("torch", "Size"), ...textDict({}), ...op("BUILD")], "on torch.Size"),
  code("BUILD on a plain dict", [...textDict({}), ...textDict({}), ...op("BUILD")], "on a dict"),
  code("BUILD with no dict", [...ordered(), ...tuple(), ...op("BUILD")], "with a tuple of 0"),
  ...(
    [
      ["text", text("os.system")],
      ["torch.FloatStorage", global("torch", "FloatStorage")],
      ["torch.float32", global("torch", "float32")],
      ["torch.Tensor", global("torch", "Tensor")],
      ["a tensor", weight],
      ["a list", list()],
      ["None", none],
    ] as const
  ).map(([title, callable]) => code(`a call of ${title}`, call(callable, command), `a call of ${title}`)),
  ...(["POP", "POP_MARK", "DUP", "DICT", "LIST", "EMPTY_SET", "ADDITEMS", "FROZENSET", "NEXT_BUFFER"] as const).map(
    (name) => code(name, [...op("MARK"), ...op(name)], `the instruction ${name}`),
  ),
  ...(["INT", "LONG", "FLOAT", "STRING", "UNICODE", "GET", "PUT"] as const).map((name) =>
    code(name, op(name, ...utf8("1\n")), `the instruction ${name}`),
  ),
  code("LONG4", op("LONG4", ...littleEndian(0x7fffffff, 4)), "the instruction LONG4"),
  code("LONG4 of a negative length", op("LONG4", ...littleEndian(0xffffffff, 4)), "the instruction LONG4"),
  code("BYTEARRAY8", op("BYTEARRAY8", ...littleEndian(1, 8), 0), "the instruction BYTEARRAY8"),

  code("code beside a model", textDict({ state_dict: textDict({ w: weight }), extra: system }), '"os.system"'),
  code("code in an optimizer", textDict({ model: textDict({ w: weight }), optimizer: list(system) }), '"os.system"'),
  code("code as a key", [...op("EMPTY_DICT"), ...system, ...weight, ...op("SETITEM")], '"os.system"'),
  code(
    "code as a tensor's hooks",
    call(global("torch._utils", "_rebuild_parameter"), weight, bool(true), system),
    '"os.system"',
  ),
  code("code in a storage's entry", [...tuple(text("storage"), system), ...op("BINPERSID")], '"os.system"'),
  code("a pickle in a pickle", call(global("pickle", "loads"), op("BINBYTES", 3, 0, 0, 0, 1, 2, 3)), '"pickle.loads"'),
  code("a name that a terminal would obey", global("\u001b[2Jos", "sys\u202etem"), "\\u"),
  {
    title: "code in the old format's value",
    bytes: () => torchLegacy(system, []),
    code: "pickle-refused",
    says: '"os.system"',
  },
  {
    title: "code in the old format's machine",
    bytes: () => torchLegacy(weight, [], textDict({ little_endian: system })),
    code: "pickle-refused",
    says: '"os.system"',
  },
  {
    title: "code in the old format's version",
    bytes: () => concat([magicPickle, pickle(system)]),
    code: "pickle-refused",
    says: '"os.system"',
  },
  {
    title: "code in the old format's keys",
    bytes: () => concat([magicPickle, pickle(int(1001)), pickle(machine(bool(true))), pickle(none), pickle(system)]),
    code: "pickle-refused",
    says: '"os.system"',
  },
  {
    title: "a bare pickle",
    bytes: () => pickle(system),
    code: "not-pytorch",
    says: "a Python pickle",
  },
];

const lengths: HostileFile[] = [
  ...(["BINUNICODE", "BINBYTES", "BINSTRING"] as const).flatMap((name) =>
    [0xffffffff, 0x7fffffff, 5000].map((length) =>
      malformed(`${name} of ${length}`, op(name, ...littleEndian(length, 4)), "the end of the bytes"),
    ),
  ),
  ...(["BINUNICODE8", "BINBYTES8"] as const).flatMap((name) =>
    [2 ** 64 - 2 ** 11, 2 ** 63, 2 ** 53, 2 ** 32, 5000].map((length) =>
      malformed(`${name} of ${length}`, op(name, ...littleEndian(length, 8)), "the end of the bytes"),
    ),
  ),
  ...(["SHORT_BINUNICODE", "SHORT_BINBYTES", "SHORT_BINSTRING", "LONG1"] as const).map((name) =>
    malformed(`${name} of 255`, op(name, 255), "the end of the bytes"),
  ),
  ...[2 ** 64 - 2 ** 11, 2 ** 63, 2 ** 40, 100].map((length) =>
    malformed(`FRAME of ${length}`, op("FRAME", ...littleEndian(length, 8)), `one of ${length} bytes`),
  ),
  malformed("a protocol of the future", op("PROTO", 6), "protocol 6"),
  malformed("no instruction", [0xff], "the byte 0xff"),
  malformed("nothing on the stack", [], "none"),
  malformed("more than one value", [...none, ...none], "more"),
  malformed("a mark left over", [...none, ...op("MARK")], "none"),
  malformed("values behind a mark", [...none, ...op("MARK"), ...op("TUPLE1")], "none"),
  malformed("TUPLE without a mark", op("TUPLE"), "none"),
  malformed(
    "SETITEMS without values",
    [...op("EMPTY_DICT"), ...op("MARK"), ...none, ...op("SETITEMS")],
    "a key without one",
  ),
  malformed("SETITEM on a list", [...op("EMPTY_LIST"), ...none, ...none, ...op("SETITEM")], "a list"),
  malformed("APPEND to a tensor", [...weight, ...none, ...op("APPEND")], "a tensor"),
  malformed("APPEND to a tuple", [...tuple(), ...none, ...op("APPEND")], "a tuple of 0"),
  malformed("REDUCE without arguments", [...global("torch", "Size"), ...op("REDUCE")], "none"),
  malformed("REDUCE with a list", [...global("torch", "Size"), ...list(), ...op("REDUCE")], "a list"),
  malformed("BINGET of what is not there", op("BINGET", 5), "number 5, which was not"),
  malformed("LONG_BINGET of what is not there", op("LONG_BINGET", ...littleEndian(0xffffffff, 4)), "number 4294967295"),
  malformed("BINPUT of nothing", op("BINPUT", 0), "none"),
  malformed("MEMOIZE of nothing", op("MEMOIZE"), "none"),
  malformed("STACK_GLOBAL of numbers", [...int(1), ...int(2), ...op("STACK_GLOBAL")], "the number 1 and the number 2"),
  malformed("GLOBAL without a second line", op("GLOBAL", ...utf8("os\n")), "the end of the bytes"),
  malformed("GLOBAL in no encoding", op("GLOBAL", 0xff, 0x0a, 0x61, 0x0a), "other bytes"),
  {
    title: "GLOBAL of a name without end",
    bytes: () => zip(flood([0x61], 1_000_000, op("GLOBAL"))),
    code: "pickle-limit",
    says: "a longer one",
  },
];

export const hostileFiles: readonly HostileFile[] = [...calls, ...lengths];
