import { describe, expect, it } from "vitest";
import { rejectionOf } from "../../test-support/failure-of.ts";
import { MemorySource } from "../../test-support/memory-folder.ts";
import {
  bool,
  call,
  global,
  int,
  none,
  op,
  ordered,
  type PickleBytes,
  text,
  textDict,
  tuple,
} from "../../test-support/pickle-bytes.ts";
import { countingBytes, storage, tensor, tensorArguments, torchZip } from "../../test-support/torch-bytes.ts";
import { readWeightsHeader } from "../weights-header.ts";

const spec = { key: "0", storage: "FloatStorage", count: 6, shape: [2, 3], strides: [3, 1] };
const parts = tensorArguments(spec);
const utils = (name: string) => global("torch._utils", name);
const v2 = utils("_rebuild_tensor_v2");
const parameterClass = global("torch.nn.parameter", "Parameter");

const file = (value: PickleBytes, byteLength = 24) =>
  torchZip(textDict({ w: value }), { 0: countingBytes(byteLength) });
const read = async (value: PickleBytes, byteLength = 24) => {
  const { tensors } = await readWeightsHeader(new MemorySource(file(value, byteLength), "m.bin"), "m.bin");
  const [{ dtype, shape, strides, byteLength: length } = expect.fail("no tensor")] = tensors;
  return { dtype, shape, strides, length };
};
const refusal = (value: PickleBytes) => rejectionOf(() => read(value));
const whole = { dtype: "F32", shape: [2, 3], strides: undefined, length: 24 };

describe("a tensor is rebuilt from", () => {
  it.each<[string, PickleBytes]>([
    ["_rebuild_tensor", call(utils("_rebuild_tensor"), ...parts.slice(0, 4))],
    ["_rebuild_tensor_v2", call(v2, ...parts)],
    ["_rebuild_tensor_v2 with hooks of None", call(v2, ...parts.slice(0, 5), none)],
    ["_rebuild_tensor_v2 with metadata that changes nothing", call(v2, ...parts, textDict({ conj: bool(false) }))],
    ["_rebuild_parameter", call(utils("_rebuild_parameter"), call(v2, ...parts), bool(true), ordered())],
    [
      "_rebuild_parameter_with_state",
      call(utils("_rebuild_parameter_with_state"), call(v2, ...parts), bool(true), ordered(), textDict({ a: int(1) })),
    ],
    [
      "_rebuild_from_type_v2 of a tensor",
      call(
        global("torch._tensor", "_rebuild_from_type_v2"),
        v2,
        global("torch", "Tensor"),
        tuple(...parts),
        textDict({ model_parallel: bool(true) }),
      ),
    ],
    [
      "_rebuild_from_type_v2 of a parameter",
      call(
        global("torch._tensor", "_rebuild_from_type_v2"),
        utils("_rebuild_parameter"),
        parameterClass,
        tuple(call(v2, ...parts), bool(true), ordered()),
        textDict({}),
      ),
    ],
  ])("%s", async (_, value) => {
    expect(await read(value)).toEqual(whole);
  });

  it.each([
    ["uint16", "U16", 2],
    ["uint64", "U64", 8],
    ["float8_e4m3fn", "F8_E4M3", 1],
    ["float8_e5m2", "F8_E5M2", 1],
    ["float8_e4m3fnuz", "F8_E4M3FNUZ", 1],
    ["float8_e5m2fnuz", "F8_E5M2FNUZ", 1],
    ["float8_e8m0fnu", "F8_E8M0", 1],
    ["bfloat16", "BF16", 2],
  ])("_rebuild_tensor_v3 of bytes without a type: %s", async (name, dtype, size) => {
    const bytes = 24 * size;
    const untyped = [
      ...tuple(text("storage"), global("torch.storage", "UntypedStorage"), text("0"), text("cpu"), int(bytes)),
      ...op("BINPERSID"),
    ];
    const view = (offset: number) =>
      call(
        utils("_rebuild_tensor_v3"),
        untyped,
        int(offset),
        tuple(int(4), int(5)),
        tuple(int(5), int(1)),
        bool(false),
        ordered(),
        global("torch", name),
      );
    expect(await read(view(4), bytes)).toEqual({ dtype, shape: [4, 5], strides: undefined, length: 20 * size });
    expect(await rejectionOf(() => read(view(5), bytes))).toMatchObject({
      code: "tensor-offsets",
      actual: "one of 25",
    });
  });
});

describe("a tensor is refused, named, when", () => {
  const replaced = (index: number, part: PickleBytes) =>
    call(v2, ...parts.map((each, i) => (i === index ? part : each)));
  it.each<[string, PickleBytes, string, string]>([
    ["its view starts beyond its storage", tensor({ ...spec, offset: 1 }), "tensor-offsets", "one of 7"],
    ["its strides lead beyond its storage", tensor({ ...spec, strides: [4, 1] }), "tensor-offsets", "one of 7"],
    ["its size is larger than its storage", tensor({ ...spec, shape: [3, 3] }), "tensor-offsets", "one of 9"],
    ["it is empty, beyond its storage", tensor({ ...spec, offset: 7, shape: [0, 1] }), "tensor-offsets", "one of 7"],
    ["a stride is negative", tensor({ ...spec, strides: [3, -1] }), "pickle-invalid", "the number -1"],
    ["an offset is negative", tensor({ ...spec, offset: -1 }), "pickle-invalid", "the number -1"],
    ["a dimension is no integer", replaced(2, tuple(text("2"), int(3))), "pickle-invalid", "text"],
    ["a dimension is a boolean", replaced(2, tuple(bool(true), int(3))), "pickle-invalid", "a boolean"],
    ["a dimension is beyond 2^53", replaced(2, tuple(int(2 ** 60), int(3))), "pickle-invalid", "a large integer"],
    ["its size overflows", tensor({ ...spec, shape: [2 ** 40, 2 ** 40], strides: [0, 0] }), "pickle-limit", ""],
    ["strides are missing", tensor({ ...spec, strides: [1] }), "pickle-invalid", "1"],
    ["its size is no tuple", replaced(2, int(6)), "pickle-invalid", "the number 6"],
    ["its storage is none", replaced(0, int(6)), "pickle-invalid", "the number 6"],
    ["requires_grad is none", replaced(4, int(1)), "pickle-invalid", "the number 1"],
    ["it has hooks", replaced(5, textDict({ a: int(1) })), "pickle-refused", "a dict"],
    ["arguments are missing", call(v2, ...parts.slice(0, 5)), "pickle-invalid", "5"],
    ["there are too many", call(v2, ...parts, none, none), "pickle-invalid", "8"],
    [
      "it is to be conjugated",
      call(v2, ...parts, textDict({ conj: bool(true) })),
      "pickle-refused",
      "the property conj",
    ],
    [
      "a parameter's data is none",
      call(utils("_rebuild_parameter"), int(1), bool(true), ordered()),
      "pickle-invalid",
      "",
    ],
    [
      "another function is to rebuild it",
      call(
        global("torch._tensor", "_rebuild_from_type_v2"),
        global("torch", "device"),
        parameterClass,
        tuple(text("cpu")),
        none,
      ),
      "pickle-refused",
      "torch.device",
    ],
    [
      "it is of another class",
      call(global("torch._tensor", "_rebuild_from_type_v2"), v2, global("torch", "Size"), tuple(...parts), none),
      "pickle-refused",
      "torch.Size",
    ],
    [
      "it rebuilds itself",
      call(
        global("torch._tensor", "_rebuild_from_type_v2"),
        global("torch._tensor", "_rebuild_from_type_v2"),
        parameterClass,
        tuple(...parts),
        none,
      ),
      "pickle-refused",
      "_rebuild_from_type_v2",
    ],
    [
      "its dimensions are too many",
      tensor({ ...spec, shape: Array(17).fill(1), strides: Array(17).fill(1) }),
      "pickle-limit",
      "17",
    ],
  ])("%s", async (_, value, code, actual) => {
    const failure = await refusal(value);
    expect(failure.code).toBe(code);
    expect(failure.actual).toContain(actual);
    expect(failure.where).toMatch(/^m\.bin, "w" \(byte \d+\)$/);
  });

  it("it repeats its elements beyond the file's size", async () => {
    const failure = await refusal(tensor({ ...spec, shape: [2 ** 30, 6], strides: [0, 1] }));
    expect(failure).toMatchObject({ code: "tensor-size", where: 'm.bin, tensor "w"' });
  });
});

describe("a storage's entry is refused when", () => {
  const id = (...items: PickleBytes[]) => [...tuple(...items), ...op("BINPERSID")];
  const good = [text("storage"), global("torch", "FloatStorage"), text("0"), text("cpu"), int(6)];
  it.each<[string, PickleBytes]>([
    ["it is no tuple", [...text("storage"), ...op("BINPERSID")]],
    ["it is of another kind", id(text("module"), ...good.slice(1))],
    ["it is short", id(...good.slice(0, 4))],
    ["it is long", id(...good, none)],
    ["its class is none", id(text("storage"), text("torch.FloatStorage"), ...good.slice(2))],
    ["its class is a function", id(text("storage"), v2, ...good.slice(2))],
    ["its key is no text", id(...good.slice(0, 2), int(0), ...good.slice(3))],
    ["its location is no text", id(...good.slice(0, 3), int(0), int(6))],
    ["its count is negative", id(...good.slice(0, 4), int(-1))],
    ["its count is no integer", id(...good.slice(0, 4), op("BINFLOAT", 0x3f, 0xf8, 0, 0, 0, 0, 0, 0))],
    ["its size is beyond 2^53", id(...good.slice(0, 4), int(2 ** 52))],
  ])("%s", async (_, value) => {
    const failure = await refusal(call(v2, value, ...parts.slice(1)));
    expect(["pickle-invalid", "pickle-limit"]).toContain(failure.code);
    expect(failure.where).toContain('m.bin, "w" (byte ');
  });

  it("is checked against the archive when it is as good as it looks", async () => {
    expect(await read(call(v2, storage(spec), ...parts.slice(1)))).toEqual(whole);
  });
});
