import { describe, expect, test } from "vitest";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { type RecipeInput, recipeSchema } from "../recipe/recipe.ts";
import { sketchLlama } from "../test-support/checkpoints.ts";
import { sketchVocabularies, sketchVocabulary } from "../test-support/sketch-vocabulary.ts";
import type { KnownVocabulary } from "../vocabulary/known-vocabulary.ts";
import type { MergePlan } from "./merge-plan.ts";
import { isExecutable, planMerge } from "./plan-merge.ts";

const width = 8;
const embedding = "model.embed_tokens.weight";
const head = "lm_head.weight";
const shared = ["<s>", "</s>", "the", "cat", "sat"];
const own = ["▁안녕", "▁세계"];

interface Models {
  readonly target: Checkpoint;
  readonly chat: Checkpoint;
  readonly base: Checkpoint;
}

function models(rows: readonly [number, number, number], tied = [false, false, false]): Models {
  const [target, chat, base] = ["target", "chat", "base"].map((path, role) =>
    sketchLlama(path, { rows: rows[role] ?? 0, tied: tied[role] ?? false }),
  ) as [Checkpoint, Checkpoint, Checkpoint];
  return { target, chat, base };
}

function tokens(target: readonly string[], chat: readonly string[], base: readonly string[]) {
  return sketchVocabularies({
    target: sketchVocabulary(target),
    chat: sketchVocabulary(chat),
    base: sketchVocabulary(base),
  });
}

function plan(
  { target, chat, base }: Models,
  vocabularies?: ReadonlyMap<string, KnownVocabulary>,
  wish: Partial<RecipeInput> = {},
): MergePlan {
  const recipe = recipeSchema.parse({ target: "target", vectors: [{ chat: "chat", base: "base" }], ...wish });
  return planMerge({ recipe, target, vectors: [{ chat, base }], ...(vocabularies && { vocabularies }) });
}

/** For each row: "c3−b4" where chat's row 3 and base's row 4 are added, "chat 3" where chat's row is taken, "" where kept. */
function rowsOf({ tensors }: MergePlan, name: string): string[] {
  const tensor = tensors.find((each) => each.name === name);
  return (tensor?.spans ?? []).flatMap(({ elementCount, vectors, from }) => {
    const [vector] = vectors;
    if (vector === undefined) {
      return Array.from({ length: elementCount / width }, (_, row) =>
        from === undefined ? "" : `chat ${from.elementOffset / width + row}`,
      );
    }
    return vector.runs.flatMap((run) =>
      Array.from({ length: run.elementCount / width }, (_, i) => `c${run.chat / width + i}−b${run.base / width + i}`),
    );
  });
}

const codes = (made: MergePlan) => made.problems.map(({ code }) => code);
const selected = (made: MergePlan) => made.problems[0]?.choices?.find((choice) => choice.selected)?.id;

describe("vocabularies that are equal", () => {
  test("are added row by row, padding with them, and without a word", () => {
    const made = plan(models([8, 8, 8]), tokens(shared, shared, shared));
    expect(made.problems).toEqual([]);
    expect(made.tensors[0]?.spans).toMatchObject([{ elementCount: 8 * width, vectors: [{ vector: 0 }] }]);
  });

  test("with unequal padding are added token by token; the target's padding is kept, and said", () => {
    const made = plan(models([8, 6, 5]), tokens(shared, shared, shared));
    expect(rowsOf(made, embedding)).toEqual(["c0−b0", "c1−b1", "c2−b2", "c3−b3", "c4−b4", "", "", ""]);
    expect(made.problems).toMatchObject([{ code: "vocabulary-padding", severity: "notice" }]);
    expect(made.problems[0]?.message).toContain("8 rows in the target, 6 in chat, 5 in base");
  });
});

describe("vocabularies that differ", () => {
  const shuffled = ["<s>", "</s>", "sat", "▁안녕", "the", "cat", "▁세계"];

  test("are matched by token, the target's own kept; the plan says how many, with examples", () => {
    const made = plan(models([9, 5, 5]), tokens(shuffled, shared, shared));
    const rows = ["c0−b0", "c1−b1", "c4−b4", "", "c2−b2", "c3−b3", "", "", ""];
    expect(rowsOf(made, embedding)).toEqual(rows);
    expect(rowsOf(made, head)).toEqual(rows);
    expect(made.problems).toHaveLength(1);
    expect(made.problems[0]).toMatchObject({
      code: "vocabulary-differs",
      severity: "decision",
      tensors: [embedding, head],
      expected: "[9, 8]",
    });
    expect(made.problems[0]?.message).toBe(
      "Vocabularies differ: 5 of 7 tokens matched; 2 are the target's own, e.g. ▁안녕, ▁세계; 2 padding rows kept",
    );
    expect(selected(made)).toBe("by-token");
    expect(isExecutable(made)).toBe(true);
    expect(made.tensors[0]?.reason).toBe("λ 1.00; 5 rows by token");
  });

  test("are matched though the shapes are equal", () => {
    const made = plan(models([7, 7, 7]), tokens(shuffled, [...shared, "a", "b"], [...shared, "a", "b"]));
    expect(rowsOf(made, embedding)).toEqual(["c0−b0", "c1−b1", "c4−b4", "", "c2−b2", "c3−b3", ""]);
  });

  test("take the first rows, or none, where the recipe says so; the other ways stay open", () => {
    const vocabularies = tokens(shuffled, shared, shared);
    const first = plan(models([7, 5, 5]), vocabularies, { vocabulary: "first-rows" });
    expect(rowsOf(first, embedding)).toEqual(["c0−b0", "c1−b1", "c2−b2", "c3−b3", "c4−b4", "", ""]);
    const kept = plan(models([7, 5, 5]), vocabularies, { vocabulary: "keep-target" });
    expect(kept.tensors[0]).toMatchObject({ action: "copy", reason: "vocabularies differ" });
    for (const made of [first, kept]) {
      expect(made.problems[0]?.choices?.map(({ id }) => id)).toEqual(["by-token", "first-rows", "keep-target"]);
      expect(made.problems[0]?.message).toContain("5 of 7 tokens matched");
    }
    expect(selected(kept)).toBe("keep-target");
  });

  test("of several vectors are decided for each", () => {
    const { target, chat, base } = models([5, 5, 5]);
    const vectors = ["one", "two"].map((name) => ({ name, chat: `chat-${name}`, base: "base" }));
    const recipe = recipeSchema.parse({ target: "target", vectors });
    const moved = ["<s>", "</s>", "cat", "the", "sat"];
    const vocabularies = sketchVocabularies({
      target: sketchVocabulary(shared),
      base: sketchVocabulary(shared),
      "chat-one": sketchVocabulary(shared),
      "chat-two": sketchVocabulary(moved),
    });
    const checkpoints = { chat, base };
    const made = planMerge({ recipe, target, vectors: [checkpoints, checkpoints], vocabularies });
    expect(made.problems).toHaveLength(1);
    expect(made.problems[0]?.message).toMatch(/^Vocabularies differ from two's: all 5 tokens matched/);
    expect(made.tensors[0]?.spans).toHaveLength(1);
    const [one, two] = made.tensors[0]?.spans[0]?.vectors ?? [];
    expect(one?.runs).toEqual([{ chat: 0, base: 0, elementCount: 5 * width }]);
    expect(two?.runs.map(({ chat: at }) => at / width)).toEqual([0, 3, 2, 4]);
  });
});

describe("vocabularies that are not known", () => {
  const unreadable: KnownVocabulary = {
    vocabulary: null,
    failure: { code: "tokenizer-invalid", what: "The tokenizer cannot be read", where: "chat/tokenizer.json" },
  };
  const partly = new Map([...tokens(shared, shared, shared), ["chat", unreadable] as const]);

  test("leave rows to meet one to one where there are equally many", () => {
    expect(plan(models([5, 5, 5])).problems).toEqual([]);
    const made = plan(models([5, 5, 5]), partly);
    expect(made.tensors[0]?.spans).toMatchObject([{ elementCount: 5 * width, vectors: [{}] }]);
    expect(made.problems).toMatchObject([{ code: "vocabulary-unknown", severity: "notice" }]);
    expect(made.problems[0]?.message).toContain("chat/tokenizer.json");
  });

  test("leave the target's rows as they are elsewhere, and only first rows as a way", () => {
    const made = plan(models([7, 5, 5]), partly);
    expect(made.tensors[0]?.action).toBe("copy");
    expect(made.problems[0]?.choices?.map(({ id }) => id)).toEqual(["first-rows", "keep-target"]);
    expect(selected(made)).toBe("keep-target");
    expect(made.problems[0]?.message).toContain("tokens cannot be matched: chat's tokenizer cannot be read");
  });

  test("ask for another decision where the recipe wants them matched", () => {
    const made = plan(models([5, 5, 5]), sketchVocabularies({ target: sketchVocabulary(shared) }), {
      vocabulary: "by-token",
    });
    expect(isExecutable(made)).toBe(false);
    expect(made.problems[0]?.message).toContain("there is no tokenizer beside chat and base");
  });
});

describe("heads, tied to the embedding or not", () => {
  const choices = [false, true];
  const combinations = choices.flatMap((t) => choices.flatMap((c) => choices.map((b) => [t, c, b] as const)));
  const reordered = ["</s>", "the", "<s>", ...own, "sat", "cat"];

  test.each(combinations)("target %s, chat %s, base %s", (target, chat, base) => {
    const checkpoints = models([7, 5, 5], [target, chat, base]);
    const made = plan(checkpoints, tokens(reordered, shared, shared));
    const rows = ["c1−b1", "c2−b2", "c0−b0", "", "", "c4−b4", "c3−b3"];
    expect(rowsOf(made, embedding)).toEqual(rows);
    expect(rowsOf(made, head)).toEqual(target ? [] : rows);
    const offsetOf = ({ tensors }: Checkpoint, name: string) => tensors.find((each) => each.name === name)?.byteOffset;
    const vector = made.tensors.find(({ name }) => name === head)?.spans[0]?.vectors[0];
    if (!target) {
      expect(vector?.chat.byteOffset).toBe(offsetOf(checkpoints.chat, chat ? embedding : head));
      expect(vector?.base.byteOffset).toBe(offsetOf(checkpoints.base, base ? embedding : head));
    }
    expect(codes(made)).toEqual(
      target && !(chat && base) ? ["vocabulary-differs", "tied-head"] : ["vocabulary-differs"],
    );
  });

  test("that are stored though they are tied stay what the embedding is", () => {
    const { chat, base, target } = models([5, 5, 5]);
    const tied = { ...target, config: target.config && { ...target.config, tieWordEmbeddings: true } };
    const rules = [{ tensors: "*embed_tokens.weight", scale: 0.25 }];
    const made = plan({ target: tied, chat, base }, tokens(shared, shared, shared), {
      vectors: [{ chat: "chat", base: "base", rules }],
    });
    const vectors = made.tensors.filter(({ name }) => [embedding, head].includes(name)).map(({ spans }) => spans[0]);
    expect(vectors[0]?.vectors).toEqual(vectors[1]?.vectors);
    expect(vectors[0]?.vectors[0]?.scale).toBe(0.25);
    expect(codes(made)).toEqual(["tied-head"]);
  });
});

describe("tokens of the chat model", () => {
  const chat = [...shared, "<|im_start|>", "<|im_end|>"];
  const target = [...shared, "<unused0>", ...own];
  const vocabularies = tokens(target, chat, shared);
  const take = (chatTokens: NonNullable<RecipeInput["output"]>["chatTokens"], rows = target.length) =>
    plan(models([rows, 7, 5]), vocabularies, { output: { chatTokens } });

  test("take new rows behind the target's last token: embedding and head get longer, and nothing is added there", () => {
    const made = take(["<|im_start|>", "<|im_end|>"]);
    for (const name of [embedding, head]) {
      expect(rowsOf(made, name).slice(5)).toEqual(["", "", "", "chat 5", "chat 6"]);
      const tensor = made.tensors.find((each) => each.name === name);
      expect(tensor).toMatchObject({ shape: [10, width], elementCount: 10 * width, byteLength: 10 * width * 2 });
      expect(tensor?.output.byteLength).toBe(10 * width * 2);
    }
    expect(made.tensors.find(({ name }) => name === embedding)?.spans).toHaveLength(3);
    const notice = made.problems.find(({ code }) => code === "chat-tokens");
    expect(notice?.message).toContain('"<|im_start|>" adds row 8, "<|im_end|>" adds row 9');
  });

  test("take padding rows while there are any", () => {
    const made = take(["<|im_start|>", "<|im_end|>"], 9);
    expect(rowsOf(made, embedding).slice(7)).toEqual(["", "chat 5", "chat 6"]);
    expect(made.tensors[0]?.shape).toEqual([10, width]);
  });

  test("take the row of a token that the target keeps free", () => {
    const made = take([{ token: "<|im_end|>", replaces: "<unused0>" }]);
    expect(rowsOf(made, embedding).slice(4)).toEqual(["c4−b4", "chat 6", "", ""]);
    expect(made.tensors[0]?.shape).toEqual([8, width]);
  });

  test("take the row of the same token where the target has it, and its own change is left out", () => {
    const made = take(["</s>"]);
    expect(rowsOf(made, embedding).slice(0, 3)).toEqual(["c0−b0", "chat 1", "c2−b2"]);
  });

  test("go into the one matrix of a tied target", () => {
    const tied = plan(models([8, 7, 5], [true, false, false]), vocabularies, {
      output: { chatTokens: ["<|im_end|>"] },
    });
    expect(rowsOf(tied, embedding).at(-1)).toBe("chat 6");
    expect(tied.tensors.some(({ name }) => name === head)).toBe(false);
  });

  test.each([
    ["that it lacks", ["<|other|>"], "none of that name"],
    ["chosen twice", ["<|im_end|>", "<|im_end|>"], "chosen twice"],
    ["for a row that is not free", [{ token: "<|im_end|>", replaces: "the" }], "the target keeps free"],
  ])("are refused: one %s", (_, chatTokens, message) => {
    const made = take(chatTokens);
    expect(isExecutable(made)).toBe(false);
    expect(made.problems.find(({ code }) => code === "chat-token-refused")?.message).toContain(message);
    expect(made.tensors[0]?.shape).toEqual([8, width]);
  });
});
