import type { Recipe, VocabularyPolicy } from "../recipe/recipe.ts";
import { modalityPart } from "./modality.ts";
import { isMismatch, type Problem, type ProblemChoice, type ProblemCode } from "./problem.ts";
import type { Obstacle } from "./treatment.ts";
import type { VocabularyFinding } from "./vocabulary-treatment.ts";

interface Group {
  readonly tensors: string[];
  readonly first: Obstacle;
}

/** Gathers what stood in the way, tensor by tensor, into one problem for each kind and vector. */
export class ProblemCollector {
  readonly #recipe: Recipe;
  readonly #groups = new Map<string, Group>();

  constructor(recipe: Recipe) {
    this.#recipe = recipe;
  }

  add(tensorName: string, obstacle: Obstacle): void {
    if (obstacle.code === "scale-zero") return;
    const key = `${obstacle.code} ${obstacle.vector}`;
    const group = this.#groups.get(key);
    if (group === undefined) this.#groups.set(key, { tensors: [tensorName], first: obstacle });
    else group.tensors.push(tensorName);
  }

  problems(): Problem[] {
    return [...this.#groups.values()].map(({ tensors, first }) => this.#problemOf(first, tensors));
  }

  #problemOf(obstacle: Obstacle, tensors: readonly string[]): Problem {
    const code = obstacle.code as ProblemCode;
    const vectorName = this.#recipe.vectors[obstacle.vector]?.name ?? "chat";
    const shapes = {
      ...(obstacle.expected === undefined ? {} : { expected: obstacle.expected }),
      ...(obstacle.actual === undefined ? {} : { actual: obstacle.actual }),
    };
    if (obstacle.vocabulary !== undefined) {
      return { ...this.#vocabularyProblem(obstacle.vocabulary, vectorName), tensors, ...shapes };
    }
    const of = this.#recipe.vectors.length > 1 ? ` for ${vectorName}` : "";
    const message = messageOf(code, tensors, vectorName, obstacle).replace(/^Shapes differ/, `Shapes differ${of}`);
    if (isMismatch(code)) {
      return { code, severity: "decision", message, tensors, ...shapes, choices: this.#mismatchChoices() };
    }
    return { code, severity: "notice", message, tensors, ...shapes };
  }

  #vocabularyProblem({ code, sentence, choices, chosen }: VocabularyFinding, vectorName: string): Problem {
    const of = this.#recipe.vectors.length > 1 ? ` from ${vectorName}'s` : "";
    const message = `${vocabularyLeads[code]}${of}: ${sentence}`;
    if (choices.length === 0) return { code, severity: "notice", message };
    const labelled = choices.map((id) => ({ id, label: policyLabels[id], selected: id === chosen }));
    return { code, severity: "decision", message, choices: labelled };
  }

  #mismatchChoices(): ProblemChoice[] {
    return [{ id: "keep-target", label: "Keep the target's", selected: this.#recipe.onMismatch === "keep-target" }];
  }
}

const policyLabels: Readonly<Record<VocabularyPolicy, string>> = {
  "by-token": "By token",
  "first-rows": "First rows",
  "keep-target": "Keep target",
};

const vocabularyLeads: Readonly<Record<VocabularyFinding["code"], string>> = {
  "vocabulary-differs": "Vocabularies differ",
  "vocabulary-padding": "Padding differs",
  "vocabulary-unknown": "Vocabularies not compared",
};

function messageOf(code: ProblemCode, tensors: readonly string[], vectorName: string, obstacle: Obstacle): string {
  const count = tensors.length;
  const subject = count === 1 ? `${tensors[0]} is` : `${count} tensors are`;
  switch (code) {
    case "tensor-only-in-target":
      return `${subject} only in the target and kept`;
    case "tensor-missing-in-chat":
      return `${subject} missing in ${vectorName}'s chat model; the target's values are kept`;
    case "tensor-missing-in-base":
      return `${subject} missing in ${vectorName}'s base model; the target's values are kept`;
    case "dtype-copied":
      return `${subject} copied from the target: ${obstacle.reason}, which is not merged`;
    case "shape-differs":
      return `Shapes differ: ${shapesSentence(tensors, obstacle)}`;
    case "layout-differs":
      return `Layouts differ: ${listed(tensors)}, ${obstacle.reason}: ${obstacle.actual}, where the target has ${obstacle.expected}. Convert the models to one layout, or keep the target's`;
    case "layout-matched":
      return `Rows are matched: ${counted(count)}, stored fused in one model and split in another (${tensors[0]}: ${obstacle.reason})`;
    case "name-ambiguous":
      return `Names differ in their prefix alone: for ${listed(tensors)} it could be ${obstacle.actual}`;
    case "modality-kept":
      return `Vision and audio are kept: ${counted(count)} of the target (${partsOf(tensors)}), for which ${vectorName} has no change`;
    default:
      throw new Error(`no message for ${code}`);
  }
}

function counted(count: number): string {
  return count === 1 ? "1 tensor" : `${count} tensors`;
}

function listed([first, ...others]: readonly string[]): string {
  return others.length === 0 ? `${first}` : `${first} and ${others.length} more`;
}

function partsOf(tensors: readonly string[]): string {
  return [...new Set(tensors.map(modalityPart))].join(", ");
}

function shapesSentence(tensors: readonly string[], { expected, actual, reason }: Obstacle): string {
  const more = tensors.length > 1 ? ` and ${tensors.length - 1} more` : "";
  if (expected === undefined) return `${reason} (${tensors[0]}${more})`;
  return `${tensors[0]} is ${expected} in the target, ${actual}${more}`;
}
