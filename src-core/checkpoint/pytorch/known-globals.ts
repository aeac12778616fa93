import type { Dtype } from "../dtype.ts";
import { CallFault } from "./call-fault.ts";
import {
  describeKind,
  isTuple,
  type MemoryAccount,
  OpaqueData,
  PickleDict,
  PickleFunction,
  PickleList,
  type PickleValue,
  StorageClass,
  TensorClass,
  TensorDtype,
  valueBytes,
} from "./pickle-values.ts";
import {
  rebuildFromType,
  rebuildParameter,
  rebuildTensor,
  rebuildTensorV2,
  rebuildTensorV3,
} from "./rebuild-tensor.ts";

/** Source: PyTorch, torch/storage.py and torch/__init__.py. */
const storageDtypes: Readonly<Record<string, Dtype>> = {
  FloatStorage: "F32",
  HalfStorage: "F16",
  BFloat16Storage: "BF16",
  DoubleStorage: "F64",
  LongStorage: "I64",
  IntStorage: "I32",
  ShortStorage: "I16",
  CharStorage: "I8",
  ByteStorage: "U8",
  BoolStorage: "BOOL",
  ComplexFloatStorage: "C64",
};

/** Null: no dtype of a safetensors file. */
const dtypes: Readonly<Record<string, Dtype | null>> = {
  float32: "F32",
  float16: "F16",
  bfloat16: "BF16",
  float64: "F64",
  int64: "I64",
  int32: "I32",
  int16: "I16",
  int8: "I8",
  uint8: "U8",
  uint16: "U16",
  uint32: "U32",
  uint64: "U64",
  bool: "BOOL",
  complex64: "C64",
  complex128: null,
  float8_e4m3fn: "F8_E4M3",
  float8_e5m2: "F8_E5M2",
  float8_e4m3fnuz: "F8_E4M3FNUZ",
  float8_e5m2fnuz: "F8_E5M2FNUZ",
  float8_e8m0fnu: "F8_E8M0",
};

export const storageClassNames: readonly string[] = Object.keys(storageDtypes);

const globals = new Map<string, PickleValue>([
  ...Object.entries(storageDtypes).map(([name, dtype]) => classOf(`torch.${name}`, dtype)),
  // Of PyTorch 2, of 1.11 and 1.12, and by its public name.
  ...["torch.storage.UntypedStorage", "torch.storage._UntypedStorage", "torch.UntypedStorage"].map((name) =>
    classOf(name, null),
  ),
  ...Object.entries(dtypes).map(([name, dtype]): [string, PickleValue] => {
    return [`torch.${name}`, new TensorDtype(`torch.${name}`, dtype)];
  }),
  ...["torch.Tensor", "torch.nn.parameter.Parameter"].map((name): [string, PickleValue] => [
    name,
    new TensorClass(name),
  ]),
  ...[
    new PickleFunction("torch._utils._rebuild_tensor", rebuildTensor),
    new PickleFunction("torch._utils._rebuild_tensor_v2", rebuildTensorV2),
    new PickleFunction("torch._utils._rebuild_tensor_v3", rebuildTensorV3),
    new PickleFunction("torch._utils._rebuild_parameter", rebuildParameter),
    new PickleFunction("torch._utils._rebuild_parameter_with_state", rebuildParameter),
    new PickleFunction("torch._tensor._rebuild_from_type_v2", rebuildFromType),
    new PickleFunction("torch.Size", makeSize),
    new PickleFunction("torch.device", makeDevice),
    new PickleFunction("collections.OrderedDict", makeOrderedDict),
  ].map((known): [string, PickleValue] => [known.name, known]),
]);

/** What a global's name stands for; null for all but the few that tensors need. The module's name holds whatever dots it holds. */
export function findGlobal(module: string, name: string): PickleValue | null {
  // "torch._utils" + "x.y" must not pass for "torch._utils.x" + "y".
  return name.includes(".") ? null : (globals.get(`${module}.${name}`) ?? null);
}

function classOf(name: string, dtype: Dtype | null): [string, PickleValue] {
  return [name, new StorageClass(name, dtype)];
}

function makeSize(argumentTuple: readonly PickleValue[]): PickleValue {
  const [size] = argumentTuple;
  if (argumentTuple.length === 1 && isTuple(size)) return size;
  throw new CallFault("pickle-invalid", "a tuple of sizes", describeKind(argumentTuple));
}

/** Where a tensor was when it was saved, as training settings hold it; of no meaning here. */
function makeDevice(argumentTuple: readonly PickleValue[]): PickleValue {
  const isPlain = argumentTuple.every((argument) => typeof argument === "string" || typeof argument === "number");
  if (isPlain && argumentTuple.length > 0 && argumentTuple.length <= 2) return device;
  throw new CallFault("pickle-invalid", "a device's type and number", describeKind(argumentTuple));
}

const device = new OpaqueData("a device");

/** Empty, or as Python 2 wrote it: of a list of pairs. */
function makeOrderedDict(argumentTuple: readonly PickleValue[], account: MemoryAccount): PickleValue {
  account.charge(valueBytes.dict);
  const dict = new PickleDict(true);
  if (argumentTuple.length === 0) return dict;
  const [pairs] = argumentTuple;
  if (argumentTuple.length > 1 || !(pairs instanceof PickleList)) {
    throw new CallFault("pickle-invalid", "a list of pairs", describeKind(pairs));
  }
  account.charge(valueBytes.firstEntry + pairs.items.length * valueBytes.entry);
  for (const pair of pairs.items) {
    const items = pair instanceof PickleList ? pair.items : isTuple(pair) ? pair : [];
    const [key, value] = items;
    if (key === undefined || value === undefined || items.length !== 2) {
      throw new CallFault("pickle-invalid", "a key and a value", describeKind(pair));
    }
    if (typeof key === "string" && dict.has(key)) throw new CallFault("tensor-duplicate", "each name once", "twice");
    dict.set(key, value);
  }
  return dict;
}
