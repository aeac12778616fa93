import { suggestWord } from "../suggest.ts";
import type { Complaint } from "../yaml/yaml-source.ts";

const sphere = "it turns models on a sphere, which is no sum of chat vectors";
const sparse = "it drops or elects elements inside the task vectors, depending on their values";
const measured = "its weights depend on the values in the models";

/** Why each of mergekit's other methods is no recipe. Source: mergekit's merge method guide. */
const reasons: ReadonlyMap<string, string> = new Map([
  ["linear", "it averages whole models instead of adding chat vectors to one"],
  ["passthrough", "it stacks layers; nothing is added"],
  ["slerp", sphere],
  ["nuslerp", sphere],
  ["multislerp", sphere],
  ["karcher", sphere],
  ["ties", sparse],
  ["dare_ties", sparse],
  ["dare_linear", sparse],
  ["breadcrumbs", sparse],
  ["breadcrumbs_ties", sparse],
  ["della", sparse],
  ["della_linear", sparse],
  ["sce", sparse],
  ["ram", sparse],
  ["ramplus_tl", sparse],
  ["model_stock", measured],
  ["nearswap", measured],
  ["arcee_fusion", measured],
]);

const linearAdvice =
  "Weights that sum to 1 can be said with task_arithmetic: name one of the models as base_model, and keep the others with their weights";

/** What to say of a method other than task_arithmetic, and whether mergekit knows it. */
export function describeMethod(method: string): { readonly isKnown: boolean; readonly complaint: Complaint } {
  const reason = reasons.get(method);
  if (reason !== undefined) {
    const complaint = { what: `merge_method ${method} cannot be a recipe: ${reason}`, expected: "task_arithmetic" };
    return { isKnown: true, complaint: method === "linear" ? { ...complaint, advice: linearAdvice } : complaint };
  }
  const suggestion = suggestWord(method, ["task_arithmetic", ...reasons.keys()]);
  const complaint = { what: "mergekit has no such merge_method", expected: "task_arithmetic", actual: method };
  const advice = suggestion === null ? {} : { advice: `Did you mean ${suggestion}?` };
  return { isKnown: false, complaint: { ...complaint, ...advice } };
}
