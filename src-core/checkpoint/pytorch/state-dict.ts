import { type ErrorCode, StudioError } from "../../errors.ts";
import { maximumNameLength, maximumStateDictNesting } from "../../limits.ts";
import { elementCount } from "../checkpoint.ts";
import { quoteName } from "../quote.ts";
import { describeKind, PickleDict, type PickleValue, TensorView } from "./pickle-values.ts";
import { TensorSearch } from "./tensor-search.ts";

export type StateDict = ReadonlyMap<string, TensorView>;

/** Under these a training checkpoint holds the model: Lightning and many scripts; Hugging Face's examples; fairseq and Megatron; DeepSpeed. */
const wrapperKeys = ["state_dict", "model_state_dict", "model", "module"];
/** Keys that a message lists. */
const shownKeyCount = 5;

/**
 * The tensors of a model by their names: the dict that the file holds, or the one that it holds under a name in use for
 * models, as deep as `maximumStateDictNesting`. What lies beside that one (optimizer, epoch, settings) belongs to training.
 * Throws a StudioError where there is none, where several could be meant, and where tensors would be passed over.
 * `where` names the file.
 */
export function findStateDict(root: PickleValue, where: string): StateDict {
  const search = new TensorSearch(where);
  let dict = root;
  const path: string[] = [];
  for (;;) {
    const place = path.length === 0 ? where : `${where}, ${path.map(quoteName).join(" in ")}`;
    if (!(dict instanceof PickleDict)) throw missing(place, describeKind(dict));
    const key = findWrapped(dict, place, search);
    if (key === null) return tensorsOf(dict, place, search);
    if (path.length === maximumStateDictNesting) {
      const expected = `at most ${maximumStateDictNesting} dicts in dicts`;
      throw new StudioError({
        code: "pickle-limit",
        what: "The file is beyond a limit",
        where,
        expected,
        actual: "more",
      });
    }
    path.unshift(key);
    dict = dict.get(key) ?? null;
  }
}

/** The key under which a dict holds the model; null where it is the model itself, or holds none. */
function findWrapped(dict: PickleDict, where: string, search: TensorSearch): string | null {
  const keys = wrapperKeys.filter((key) => {
    const value = dict.get(key);
    return value instanceof PickleDict && search.holdsTensors(value);
  });
  const [key] = keys;
  if (key === undefined) return null;
  // A lone number beside it is a loss, a step, a rate.
  const beside = [...dict.entries()].find(([, value]) => value instanceof TensorView && elementCount(value.shape) > 1);
  if (keys.length === 1 && beside === undefined) return key;
  const actual = keys.map((each) => `a dict under ${quoteName(each)}`);
  if (beside !== undefined) actual.push(`a tensor beside it, ${describeKey(beside[0])}`);
  throw ambiguous(where, "one dict of tensors", actual.join(", "));
}

function tensorsOf(dict: PickleDict, where: string, search: TensorSearch): StateDict {
  const tensors = new Map<string, TensorView>();
  const others: PickleValue[] = [];
  for (const [key, value] of dict.entries()) {
    if (value instanceof TensorView) tensors.set(checkName(key, where), value);
    else if (search.holdsTensors(value)) others.push(key);
  }
  if (others.length === 0 && tensors.size > 0) return tensors;
  const keys =
    others.slice(0, shownKeyCount).map(describeKey).join(", ") + (others.length > shownKeyCount ? ", …" : "");
  if (tensors.size > 0) throw ambiguous(where, "tensors, and beside them plain data", `more tensors in ${keys}`);
  throw missing(where, others.length > 0 ? `tensors only in ${keys}` : `a dict of ${dict.size} without tensors`);
}

function checkName(key: PickleValue, where: string): string {
  // The one name that a safetensors file keeps for itself.
  if (typeof key !== "string" || key === "__metadata__") {
    throw ambiguous(where, "a name for each tensor", describeKey(key));
  }
  if (key.length <= maximumNameLength) return key;
  throw new StudioError({
    code: "pickle-limit",
    what: "A tensor's name is beyond a limit",
    where: `${where}, ${quoteName(key)}`,
    expected: `at most ${maximumNameLength} characters`,
    actual: `${key.length}`,
  });
}

function describeKey(key: PickleValue): string {
  return typeof key === "string" ? quoteName(key) : describeKind(key);
}

function missing(where: string, actual: string): StudioError {
  return failure("state-dict-missing", "The file holds no model's tensors by name", where, "a state dict", actual);
}

function ambiguous(where: string, expected: string, actual: string): StudioError {
  return failure("state-dict-ambiguous", "Which tensors are the model's is not clear", where, expected, actual);
}

function failure(code: ErrorCode, what: string, where: string, expected: string, actual: string): StudioError {
  const advice = "Save the state dict that is meant by itself: torch.save(model.state_dict(), …)";
  return new StudioError({ code, what, where, expected, actual, advice });
}
