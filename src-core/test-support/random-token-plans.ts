import fc from "fast-check";
import type { Checkpoint } from "../checkpoint/checkpoint.ts";
import { mergeableDtypes } from "../checkpoint/dtype.ts";
import { planMerge } from "../plan/plan-merge.ts";
import { Random } from "../random.ts";
import { recipeSchema, vocabularyPolicies } from "../recipe/recipe.ts";
import { sketchCheckpoint } from "./checkpoints.ts";
import type { PlannedModels } from "./random-plans.ts";
import { sketchVocabularies, sketchVocabulary } from "./sketch-vocabulary.ts";

const dtype = fc.constantFrom(...mergeableDtypes);

/** Plans over embeddings and heads whose vocabularies share some tokens, in other orders, with padding and chat tokens. */
export const tokenPlans: fc.Arbitrary<PlannedModels> = fc
  .record({
    seed: fc.nat(2 ** 31),
    width: fc.constantFrom(1, 3, 8, 24),
    dtypes: fc.array(dtype, { minLength: 3, maxLength: 3 }),
    output: fc.constantFrom("same" as const, "same" as const, ...mergeableDtypes),
    policy: fc.constantFrom(undefined, ...vocabularyPolicies),
    tied: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    scale: fc.constantFrom(0, 0.7, -1),
    chatTokenCount: fc.constantFrom(0, 0, 1, 2, 3),
  })
  .map(({ seed, width, dtypes, output, policy, tied, scale, chatTokenCount }) => {
    const random = new Random(seed);
    const specials = ["<|a|>", "<|b|>", "<|c|>"].slice(0, chatTokenCount);
    const names = ["t", "c", "b"];
    const vocabularies = names.map((_, role) => {
      const words = Array.from({ length: 40 }, (_, word) => `w${word}`).filter(() => random.integer(5) > 0);
      if (random.integer(3) > 0) shuffle(words, random);
      if (role === 1) for (const special of specials) words.splice(random.integer(words.length), 0, special);
      if (role === 0) words.splice(random.integer(words.length), 0, "<unused0>");
      return sketchVocabulary(words);
    });
    const checkpoints = names.map((name, role): Checkpoint => {
      const rows = (vocabularies[role]?.tokens.length ?? 0) + random.integer(4);
      const shape = [rows, width];
      const of = { dtype: dtypes[role] ?? "F32", shape };
      const head = tied[role] ? [] : [{ name: "lm_head.weight", ...of }];
      const norm = { name: "model.norm.weight", dtype: of.dtype, shape: [width] };
      const tensors = [{ name: "model.embed_tokens.weight", ...of }, norm, ...head];
      return sketchCheckpoint(name, tensors, { tieWordEmbeddings: tied[role] ?? false });
    });
    const chatTokens = specials.map((token, index) => (index === 1 ? { token, replaces: "<unused0>" } : token));
    const recipe = recipeSchema.parse({
      target: "t",
      vectors: [{ chat: "c", base: "b", scale }],
      ...(policy === undefined ? {} : { vocabulary: policy }),
      output: { dtype: output, chatTokens },
    });
    const [target, chat, base] = checkpoints as [Checkpoint, Checkpoint, Checkpoint];
    const known = sketchVocabularies(Object.fromEntries(names.map((name, role) => [name, vocabularies[role] ?? null])));
    return { plan: planMerge({ recipe, target, vectors: [{ chat, base }], vocabularies: known }), checkpoints };
  });

function shuffle(items: string[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.integer(i + 1);
    [items[i], items[j]] = [items[j] as string, items[i] as string];
  }
}
