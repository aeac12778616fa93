import { expect, test } from "vitest";
import { Random } from "../random.ts";
import { recipeSchema } from "../recipe/recipe.ts";
import { sketchLlama } from "../test-support/checkpoints.ts";
import { memoryFiles, tokenizerJsonText } from "../test-support/tokenizer-files.ts";
import { knowVocabulary } from "../vocabulary/known-vocabulary.ts";
import { planMerge } from "./plan-merge.ts";

const base = Array.from({ length: 150_000 }, (_, row) => `▁w${row.toString(36)}`);
const own = Array.from({ length: 14_000 }, (_, row) => `▁안${row}`);

function shuffled(tokens: readonly string[], random: Random): string[] {
  const result = [...tokens];
  for (let i = result.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [result[i], result[j]] = [result[j] as string, result[i] as string];
  }
  return result;
}

/** Milliseconds of this process alone: other work on the machine does not count. */
function cpuMilliseconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

// On a core of 2.5 GHz: 280 and 400 ms, three tokenizers read among them; again, for another λ, 1 and 100.
test.each([
  { name: "appended", target: [...base, ...own], limit: 1200, again: 60, runs: 1 },
  { name: "shuffled", target: shuffled([...base, ...own], new Random(1)), limit: 2000, again: 900, runs: 100_000 },
])("150,000 tokens, the target's own $name, are planned at once", async ({ target, limit, again, runs }) => {
  const texts = [target, base, base].map((tokens) => memoryFiles({ "tokenizer.json": tokenizerJsonText({ tokens }) }));
  const started = cpuMilliseconds();
  const names = ["target", "chat", "base"] as const;
  const known = await Promise.all(texts.map((files) => knowVocabulary(files)));
  const vocabularies = new Map(names.flatMap((name, role) => (known[role] ? [[name, known[role]] as const] : [])));
  const model = (name: string, rows: number) => sketchLlama(name, { rows });
  const input = {
    recipe: recipeSchema.parse({ target: "target", vectors: [{ chat: "chat", base: "base" }] }),
    target: model("target", target.length),
    vectors: [{ chat: model("chat", base.length), base: model("base", base.length) }],
    vocabularies,
  };
  const plan = planMerge(input);
  const planned = cpuMilliseconds();
  expect(plan.problems[0]?.message).toContain("150,000 of 164,000 tokens matched; 14,000 are the target's own");
  const count = plan.tensors[0]?.spans.reduce((sum, { vectors }) => sum + (vectors[0]?.runs.length ?? 0), 0) ?? 0;
  expect(count).toBeGreaterThanOrEqual(runs);
  expect(planned - started).toBeLessThan(limit);
  const replanned = cpuMilliseconds();
  planMerge(input);
  expect(cpuMilliseconds() - replanned).toBeLessThan(again);
});
