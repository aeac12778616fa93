import type { StudioError } from "../../errors.ts";
import { maximumPickleTextBytes } from "../../limits.ts";
import { quoteName } from "../quote.ts";
import { CallFault } from "./call-fault.ts";
import { findGlobal, storageClassNames } from "./known-globals.ts";
import type { PickleMachine } from "./pickle-machine.ts";
import { describeOpcode, type Opcode, opcodeBytes } from "./pickle-opcodes.ts";
import {
  describeKind,
  isTuple,
  OpaqueData,
  PickleDict,
  PickleFunction,
  type PickleValue,
  valueBytes,
} from "./pickle-values.ts";

type Handler = (machine: PickleMachine) => void;

const highestProtocol = 5;
/** Beyond these a Python integer is no size, offset or count. */
const maximumIntegerBytes = 8;

const emptyTuple: readonly PickleValue[] = [];
// Shared: nothing is kept of them but that they are there.
const bytes = new OpaqueData("bytes");
const longText = new OpaqueData("a long text");
const otherText = new OpaqueData("text that is not UTF-8");
const largeInteger = new OpaqueData("a large integer");

/** What is carried out. An instruction that is not here makes objects, or is one that no writer of tensors uses. */
const handlersByName: Partial<Record<Opcode, Handler>> = {
  PROTO: checkProtocol,
  FRAME: checkFrame,

  NONE: (machine) => machine.push(null),
  NEWTRUE: (machine) => machine.push(true),
  NEWFALSE: (machine) => machine.push(false),
  BININT: (machine) => machine.push(machine.cursor.readInt32()),
  BININT1: (machine) => machine.push(machine.cursor.readUint8()),
  BININT2: (machine) => machine.push(machine.cursor.readUint16()),
  BINFLOAT: (machine) => machine.push(machine.cursor.readFloat64()),
  LONG1: pushLong,
  BINUNICODE: (machine) => pushText(machine, machine.cursor.readUint32()),
  SHORT_BINUNICODE: (machine) => pushText(machine, machine.cursor.readUint8()),
  BINUNICODE8: (machine) => pushText(machine, machine.cursor.readUint64()),
  // What Python 2 wrote for its text.
  BINSTRING: (machine) => pushText(machine, machine.cursor.readUint32()),
  SHORT_BINSTRING: (machine) => pushText(machine, machine.cursor.readUint8()),
  BINBYTES: (machine) => pushBytes(machine, machine.cursor.readUint32()),
  SHORT_BINBYTES: (machine) => pushBytes(machine, machine.cursor.readUint8()),
  BINBYTES8: (machine) => pushBytes(machine, machine.cursor.readUint64()),

  MARK: (machine) => machine.mark(),
  EMPTY_TUPLE: (machine) => machine.push(emptyTuple),
  TUPLE: (machine) => machine.pushTuple(machine.popToMark()),
  TUPLE1: (machine) => machine.pushTuple([machine.pop()]),
  TUPLE2: pushPair,
  TUPLE3: pushTriple,
  EMPTY_LIST: (machine) => machine.pushList(),
  APPEND: (machine) => machine.append(machine.pop()),
  APPENDS: (machine) => machine.appendAll(machine.popToMark()),
  EMPTY_DICT: (machine) => machine.pushDict(),
  SETITEM: setItem,
  SETITEMS: (machine) => machine.setItems(machine.popToMark()),

  MEMOIZE: (machine) => machine.memoizeNext(),
  BINPUT: (machine) => machine.memoize(machine.cursor.readUint8()),
  LONG_BINPUT: (machine) => machine.memoize(machine.cursor.readUint32()),
  BINGET: (machine) => machine.recall(machine.cursor.readUint8()),
  LONG_BINGET: (machine) => machine.recall(machine.cursor.readUint32()),

  GLOBAL: (machine) => machine.push(readGlobal(machine)),
  STACK_GLOBAL: pushGlobal,
  // Carried out only as far as to say which class it asks for.
  INST: (machine) => {
    readGlobal(machine);
    throw refusedInstruction(machine, opcodeBytes.INST);
  },
  BINPERSID: loadPersistent,
  REDUCE: applyFunction,
  BUILD: setState,
};

const handlers: readonly (Handler | undefined)[] = Object.entries(handlersByName).reduce<(Handler | undefined)[]>(
  (table, [name, handler]) => {
    table[opcodeBytes[name as Opcode]] = handler;
    return table;
  },
  new Array(256).fill(undefined),
);

/** Carries out one instruction but STOP. Throws a StudioError for one that is malformed, or that does more than make data. */
export function runInstruction(machine: PickleMachine, opcode: number): void {
  const handler = handlers[opcode];
  if (handler === undefined) throw refusedInstruction(machine, opcode);
  handler(machine);
}

function checkProtocol(machine: PickleMachine): void {
  const protocol = machine.cursor.readUint8();
  if (protocol <= highestProtocol) return;
  throw machine.cursor.malformed(`a protocol of at most ${highestProtocol}`, `protocol ${protocol}`);
}

function checkFrame(machine: PickleMachine): void {
  const byteLength = machine.cursor.readUint64();
  const { remaining } = machine.cursor;
  if (byteLength <= remaining) return;
  throw machine.cursor.malformed(`a frame within the ${remaining} bytes that follow`, `one of ${byteLength} bytes`);
}

function pushLong(machine: PickleMachine): void {
  const byteLength = machine.cursor.readUint8();
  if (byteLength <= maximumIntegerBytes) {
    machine.push(machine.cursor.readInteger(byteLength) ?? largeInteger);
    return;
  }
  machine.cursor.skip(byteLength);
  machine.push(largeInteger);
}

function pushText(machine: PickleMachine, byteLength: number): void {
  if (byteLength > maximumPickleTextBytes) {
    machine.cursor.skip(byteLength);
    machine.push(longText);
    return;
  }
  const text = machine.cursor.readText(byteLength);
  if (text === null) machine.push(otherText);
  else machine.pushText(text, byteLength);
}

function pushBytes(machine: PickleMachine, byteLength: number): void {
  machine.cursor.skip(byteLength);
  machine.push(bytes);
}

function pushPair(machine: PickleMachine): void {
  const second = machine.pop();
  machine.pushTuple([machine.pop(), second]);
}

function pushTriple(machine: PickleMachine): void {
  const third = machine.pop();
  const second = machine.pop();
  machine.pushTuple([machine.pop(), second, third]);
}

function setItem(machine: PickleMachine): void {
  const value = machine.pop();
  const key = machine.pop();
  machine.setItem(key, value);
}

function readGlobal(machine: PickleMachine): PickleValue {
  const module = machine.cursor.readLine();
  return resolveGlobal(machine, module, machine.cursor.readLine());
}

function pushGlobal(machine: PickleMachine): void {
  const name = machine.pop();
  const module = machine.pop();
  if (typeof module !== "string" || typeof name !== "string") {
    throw machine.cursor.malformed(
      "a module's and a thing's name",
      `${describeKind(module)} and ${describeKind(name)}`,
    );
  }
  machine.push(resolveGlobal(machine, module, name));
}

/** From a table of our own: no module is looked for, and nothing of that name is ever loaded. */
function resolveGlobal(machine: PickleMachine, module: string, name: string): PickleValue {
  const known = findGlobal(module, name);
  if (known !== null) return known;
  if (module === "torch" && name.endsWith("Storage")) throw unknownStorage(machine, name);
  throw refusal(machine, quoteName(`${module}.${name}`));
}

/** Quantised and double-precision complex numbers. */
function unknownStorage(machine: PickleMachine, name: string): StudioError {
  return machine.fault({
    code: "dtype-unknown",
    what: "Unknown dtype",
    expected: `one of ${storageClassNames.join(", ")}`,
    actual: quoteName(`torch.${name}`),
  });
}

function loadPersistent(machine: PickleMachine): void {
  const { persistentLoad } = machine;
  if (persistentLoad === null) throw machine.cursor.malformed("plain data", describeOpcode(opcodeBytes.BINPERSID));
  const id = machine.pop();
  machine.charge(valueBytes.reference);
  try {
    machine.push(persistentLoad(id));
  } catch (error) {
    throw explained(machine, "A storage's entry is malformed", error);
  }
}

function applyFunction(machine: PickleMachine): void {
  const argumentTuple = machine.pop();
  const callable = machine.pop();
  if (!(callable instanceof PickleFunction)) throw refusal(machine, `a call of ${describeKind(callable)}`);
  if (!isTuple(argumentTuple)) throw machine.cursor.malformed("a tuple of arguments", describeKind(argumentTuple));
  try {
    machine.push(callable.apply(argumentTuple, machine));
  } catch (error) {
    throw explained(machine, `A call of ${callable.name} cannot be followed`, error);
  }
}

/** An OrderedDict's attributes (PyTorch's `_metadata` of module versions) say nothing of tensors. */
function setState(machine: PickleMachine): void {
  const state = machine.pop();
  const object = machine.top();
  if (object instanceof PickleDict && object.isOrdered && state instanceof PickleDict) return;
  throw refusal(machine, `${describeOpcode(opcodeBytes.BUILD)} with ${describeKind(state)} on ${describeKind(object)}`);
}

/** A CallFault with its place in the file; anything else as it is. */
function explained(machine: PickleMachine, what: string, error: unknown): unknown {
  if (!(error instanceof CallFault)) return error;
  const { code, expected, actual, advice } = error;
  return machine.fault({ code, what, expected, actual, ...(advice === undefined ? {} : { advice }) });
}

function refusedInstruction(machine: PickleMachine, opcode: number): StudioError {
  const name = describeOpcode(opcode);
  return name.startsWith("the byte") ? machine.cursor.malformed("an instruction", name) : refusal(machine, name);
}

function refusal(machine: PickleMachine, actual: string): StudioError {
  return machine.fault({
    code: "pickle-refused",
    what: "The file asks for more than tensors",
    expected: "tensors and plain data alone",
    actual,
    advice:
      "Nothing of it was run. Save the model's state_dict by itself, or convert the model to safetensors where you trust the file",
  });
}
