import { StudioError } from "../../errors.ts";
import { maximumPickleInstructionCount } from "../../limits.ts";
import { isTuple, PickleDict, PickleList, type PickleValue, StorageReference, TensorView } from "./pickle-values.ts";

/** Looks for tensors in the values of one file. */
export class TensorSearch {
  readonly #where: string;
  #visits = 0;

  constructor(where: string) {
    this.#where = where;
  }

  /**
   * True when a tensor, or a storage by itself, is anywhere in a value. All searches of a file together look at no more values
   * than a pickle has instructions, which is enough for any that does not hold itself or hold the same over and over.
   */
  holdsTensors(value: PickleValue): boolean {
    const open: PickleValue[] = [];
    const look = (found: PickleValue): boolean => {
      if (found instanceof TensorView || found instanceof StorageReference) return true;
      if (found instanceof PickleDict || found instanceof PickleList || isTuple(found)) open.push(found);
      return false;
    };
    if (look(value)) return true;
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      this.#visit(next);
      if (next instanceof PickleDict) {
        for (const [key, item] of next.entries()) if (look(key) || look(item)) return true;
      } else if (next instanceof PickleList) {
        if (next.items.some(look)) return true;
      } else if (isTuple(next) && next.some(look)) return true;
    }
    return false;
  }

  #visit(container: PickleValue): void {
    if (container instanceof PickleDict) this.#visits += container.size * 2;
    else if (container instanceof PickleList) this.#visits += container.items.length;
    else if (isTuple(container)) this.#visits += container.length;
    if (++this.#visits <= maximumPickleInstructionCount) return;
    throw new StudioError({
      code: "pickle-limit",
      what: "The pickle is beyond a limit",
      where: this.#where,
      expected: "values that do not hold themselves, or the same over and over",
      actual: "some that do",
    });
  }
}
