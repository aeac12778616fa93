import type { StudioError } from "../../errors.ts";
import {
  maximumPickleInstructionCount,
  maximumPickleMemoCount,
  maximumPickleStackDepth,
  maximumPickleValueBytes,
} from "../../limits.ts";
import { quoteName } from "../quote.ts";
import type { Fault, PickleCursor } from "./pickle-cursor.ts";
import { describeKind, PickleDict, PickleList, type PickleValue, valueBytes } from "./pickle-values.ts";

/** How many marks, or values, below the last a dict's key is looked for. */
const keySearchDepth = 8;

/** What a storage's persistent id stands for. Throws a CallFault for an id that is none. */
export type PersistentLoad = (id: PickleValue) => PickleValue;

/** What the pickles of one file have used of what they may use together. */
export interface PickleUse {
  instructionCount: number;
  valueBytes: number;
}

/** The state of a pickle being read: a stack, places marked on it, and a memo. Every growth is counted against a limit. */
export class PickleMachine {
  readonly cursor: PickleCursor;
  /** Null where a pickle may refer to nothing outside it. */
  readonly persistentLoad: PersistentLoad | null;
  readonly #stack: PickleValue[] = [];
  readonly #marks: number[] = [];
  /** Where the last mark is: what is below must not be taken before it. */
  #base = 0;
  readonly #memo: (PickleValue | undefined)[] = [];
  #memoCount = 0;
  readonly #use: PickleUse;

  constructor(cursor: PickleCursor, persistentLoad: PersistentLoad | null, use: PickleUse) {
    this.cursor = cursor;
    this.persistentLoad = persistentLoad;
    this.#use = use;
  }

  /** Each instruction counts, so that a small file cannot keep the program busy. */
  countInstruction(): void {
    if (++this.#use.instructionCount > maximumPickleInstructionCount) {
      throw this.beyondLimit(`at most ${maximumPickleInstructionCount} instructions`);
    }
  }

  /** Counts what a value takes, before it is made. */
  charge(byteLength: number): void {
    this.#use.valueBytes += byteLength;
    if (this.#use.valueBytes > maximumPickleValueBytes) {
      const advice = "A model of so many tensors can be read in shards, or as safetensors";
      throw this.beyondLimit(`values of at most ${maximumPickleValueBytes} bytes`, advice);
    }
  }

  push(value: PickleValue): void {
    if (this.#stack.length === maximumPickleStackDepth) {
      throw this.beyondLimit(`at most ${maximumPickleStackDepth} values on the stack`);
    }
    this.#stack.push(value);
  }

  pushTuple(items: readonly PickleValue[]): void {
    this.charge(valueBytes.tuple + items.length * valueBytes.pointer);
    this.push(items);
  }

  /** `byteLength`: in the file. */
  pushText(text: string, byteLength: number): void {
    this.charge(valueBytes.text + byteLength * valueBytes.textByte);
    this.push(text);
  }

  pushList(): void {
    this.charge(valueBytes.list);
    this.push(new PickleList());
  }

  pushDict(): void {
    this.charge(valueBytes.dict);
    this.push(new PickleDict(false));
  }

  pop(): PickleValue {
    this.#needAboveMark(1);
    return this.#stack.pop() as PickleValue;
  }

  top(): PickleValue {
    this.#needAboveMark(1);
    return this.#stack[this.#stack.length - 1] as PickleValue;
  }

  mark(): void {
    if (this.#marks.length === maximumPickleStackDepth) {
      throw this.beyondLimit(`at most ${maximumPickleStackDepth} marks on the stack`);
    }
    this.#base = this.#stack.length;
    this.#marks.push(this.#base);
  }

  /** The values above the last mark, which goes with them. */
  popToMark(): PickleValue[] {
    const mark = this.#marks.pop();
    if (mark === undefined) throw this.cursor.malformed("a mark on the stack", "none");
    this.#base = this.#marks.length === 0 ? 0 : (this.#marks[this.#marks.length - 1] ?? 0);
    return this.#stack.splice(mark);
  }

  append(value: PickleValue): void {
    const { items } = this.#topList();
    this.charge(valueBytes.item);
    items.push(value);
  }

  appendAll(values: readonly PickleValue[]): void {
    const { items } = this.#topList();
    this.charge(values.length * valueBytes.item);
    for (const value of values) items.push(value);
  }

  setItem(key: PickleValue, value: PickleValue): void {
    this.#setItem(this.#topDict(), key, value);
  }

  /** Sets keys and values that stand in turn. */
  setItems(pairs: readonly PickleValue[]): void {
    const dict = this.#topDict();
    if (pairs.length % 2 !== 0) throw this.cursor.malformed("a value for each key", "a key without one");
    for (let i = 0; i < pairs.length; i += 2) this.#setItem(dict, pairs[i] as PickleValue, pairs[i + 1] as PickleValue);
  }

  memoize(index: number): void {
    const value = this.top();
    if (index >= maximumPickleMemoCount) throw this.beyondLimit(`at most ${maximumPickleMemoCount} values to recall`);
    while (this.#memo.length <= index) this.#memo.push(undefined);
    if (this.#memo[index] === undefined) this.#memoCount++;
    this.#memo[index] = value;
  }

  /** As protocol 4 numbers what it remembers. */
  memoizeNext(): void {
    this.memoize(this.#memoCount);
  }

  recall(index: number): void {
    const value = this.#memo[index];
    if (value === undefined) throw this.cursor.malformed("a value remembered before", `number ${index}, which was not`);
    this.push(value);
  }

  /** The value that the pickle stands for: the only one left. */
  finish(): PickleValue {
    const value = this.pop();
    if (this.#stack.length === 0 && this.#marks.length === 0) return value;
    throw this.cursor.malformed("one value at the end", "more");
  }

  beyondLimit(expected: string, advice?: string): StudioError {
    const fault: Fault = { code: "pickle-limit", what: "The pickle is beyond a limit", expected, actual: "more" };
    return this.cursor.error(advice === undefined ? fault : { ...fault, advice });
  }

  /** An error at the instruction at hand, naming the tensor that it is about. */
  fault(fault: Fault): StudioError {
    const key = this.#openKey();
    return this.cursor.error(fault, key === null ? "" : `, ${quoteName(key)}`);
  }

  /** The key whose value is being made, of the innermost dict that is being filled. */
  #openKey(): string | null {
    const stack = this.#stack;
    for (let i = this.#marks.length - 1; i >= Math.max(0, this.#marks.length - keySearchDepth); i--) {
      const start = this.#marks[i] ?? 0;
      const end = this.#marks[i + 1] ?? stack.length;
      // Above a dict's mark stand keys and values in turn.
      const last = stack[start + 2 * Math.floor((end - 1 - start) / 2)];
      if (stack[start - 1] instanceof PickleDict && typeof last === "string") return last;
    }
    // A dict of one entry is filled without a mark.
    for (let i = stack.length - 1; i > Math.max(0, stack.length - keySearchDepth); i--) {
      const key = stack[i];
      if (stack[i - 1] instanceof PickleDict && typeof key === "string") return key;
    }
    return null;
  }

  #setItem(dict: PickleDict, key: PickleValue, value: PickleValue): void {
    if (typeof key === "string" && dict.has(key)) {
      const what = "The pickle names an entry twice";
      const fault: Fault = { code: "tensor-duplicate", what, expected: "each name once", actual: "twice" };
      throw this.cursor.error(fault, `, ${quoteName(key)}`);
    }
    this.charge(dict.size === 0 ? valueBytes.firstEntry : valueBytes.entry);
    dict.set(key, value);
  }

  #topList(): PickleList {
    const list = this.top();
    if (list instanceof PickleList) return list;
    throw this.cursor.malformed("a list to append to", describeKind(list));
  }

  #topDict(): PickleDict {
    const dict = this.top();
    if (dict instanceof PickleDict) return dict;
    throw this.cursor.malformed("a dict to fill", describeKind(dict));
  }

  #needAboveMark(count: number): void {
    if (this.#stack.length - this.#base < count) throw this.cursor.malformed("a value on the stack", "none");
  }
}
