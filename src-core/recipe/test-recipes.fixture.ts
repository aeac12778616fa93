import fc from "fast-check";
import {
  chatTemplateChoices,
  mismatchDecisions,
  outputDtypes,
  type Recipe,
  recipeSchema,
  tokenizerChoices,
  vocabularyPolicies,
} from "./recipe.ts";

/** The recipe of the documentation, with comments of every kind. */
export const commentedText = `# Llama 2 Korean with chat abilities

# the format
version: 1
target: ./llama2-ko            # a folder, a file, or an id

# what is added
vectors:
  # the instruction tuning
  - name: chat
    chat: './llama2-chat'   # quoted
    base: ./llama2
    scale: 0.80 # found by hand
    curve: [0.2, 1, 1, 0.5]    # multiplies scale over the depth
    rules:
      # norms stay as they are
      - {tensors: "*norm.weight", scale: 0}
      # heads take all
      - tensors: "*head*"
        scale: 1 # fully
  # nothing else is added

# tokens differ
vocabulary: by-token
output: {dtype: bfloat16, shardSize: 5000MB, tokenizer: target, chatTemplate: chat}
# the end
`;

const scale = fc.oneof(
  fc.constantFrom(0, 1, -1, 0.7, 0.8, 1e-9, 4294967296),
  fc.double({ min: -(2 ** 32), max: 2 ** 32, noNaN: true }).map((value) => (value === 0 ? 0 : value)),
);
/** Texts that YAML would take for something else, among them. */
const text = fc.oneof(
  fc.constantFrom(
    "./a",
    "org/name",
    "true",
    "null",
    "~",
    "1e3",
    "0x10",
    "*a",
    "&a",
    "a: b",
    "a #b",
    "- a",
    "'",
    '"',
    "{a}",
    "[a]",
    "!t",
    "%d",
    "@x",
    "`",
    "yes",
    "2024-01-01",
    "C:\\models\\x",
    "é ü",
    "モデル",
    " padded ",
    "a\nb",
    "\t",
    "<<",
    "...",
    "---",
  ),
  fc.string({ minLength: 1, maxLength: 20, unit: "grapheme" }),
);
const layered = {
  scale,
  curve: fc.option(fc.array(scale, { minLength: 1, maxLength: 5 }), { nil: undefined }),
  outside: fc.option(scale, { nil: undefined }),
};

const chatToken = fc.oneof(
  text.map((token) => ({ token })),
  fc.record({ token: text, replaces: text }),
);

/** Recipes as the schema gives them. */
export const recipes: fc.Arbitrary<Recipe> = fc
  .record({
    target: text,
    vectors: fc.array(
      fc.record({
        name: text,
        chat: text,
        base: text,
        ...layered,
        rules: fc.option(fc.array(fc.record({ tensors: text, ...layered }), { maxLength: 4 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    vocabulary: fc.option(fc.constantFrom(...vocabularyPolicies), { nil: undefined }),
    onMismatch: fc.constantFrom(...mismatchDecisions),
    output: fc.record({
      dtype: fc.constantFrom(...outputDtypes),
      shardBytes: fc.oneof(fc.constantFrom(5e9, 2 ** 32, 500e6, 1, 5e9 + 1), fc.integer({ min: 1, max: 2 ** 40 })),
      tokenizer: fc.constantFrom(...tokenizerChoices),
      chatTemplate: fc.constantFrom(...chatTemplateChoices),
      chatTokens: fc.option(fc.array(chatToken, { maxLength: 3 }), { nil: undefined }),
    }),
  })
  .map((recipe) => recipeSchema.parse(recipe));

/** The comments of a text, without how far they are indented. */
export function commentsOf(yaml: string): string[] {
  return yaml.split("\n").flatMap((line) => {
    const match = /(?:^|\s)#(.*)$/.exec(line);
    return match?.[1] === undefined ? [] : [match[1].trim()];
  });
}
