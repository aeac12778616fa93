import type { Recipe } from "../recipe/recipe.ts";
import type { Problem, ProblemChoice, ProblemCode } from "./problem.ts";
import type { Obstacle } from "./treatment.ts";

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
    const message = messageOf(code, tensors, vectorName, obstacle);
    if (code === "vocabulary-differs") {
      return { code, severity: "decision", message, tensors, ...shapes, choices: this.#vocabularyChoices() };
    }
    if (code === "shape-differs") {
      return { code, severity: "decision", message, tensors, ...shapes, choices: this.#mismatchChoices() };
    }
    return { code, severity: "notice", message, tensors, ...shapes };
  }

  #vocabularyChoices(): ProblemChoice[] {
    const chosen = this.#recipe.vocabulary ?? "keep-target";
    return [
      { id: "first-rows", label: "First rows", selected: chosen === "first-rows" },
      { id: "keep-target", label: "Keep target", selected: chosen === "keep-target" },
    ];
  }

  #mismatchChoices(): ProblemChoice[] {
    return [{ id: "keep-target", label: "Keep the target's", selected: this.#recipe.onMismatch === "keep-target" }];
  }
}

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
    case "vocabulary-differs":
      return `Vocabularies differ: ${shapesSentence(tensors, obstacle)}`;
    case "shape-differs":
      return `Shapes differ: ${shapesSentence(tensors, obstacle)}`;
    default:
      throw new Error(`no message for ${code}`);
  }
}

function shapesSentence(tensors: readonly string[], { expected, actual, reason }: Obstacle): string {
  const more = tensors.length > 1 ? ` and ${tensors.length - 1} more` : "";
  if (expected === undefined) return `${reason} (${tensors[0]}${more})`;
  return `${tensors[0]} is ${expected} in the target, ${actual}${more}`;
}
