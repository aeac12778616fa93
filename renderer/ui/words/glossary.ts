/** A word of the field, or a sign: as it is looked for, and what it means here. */
export interface Definition {
  readonly term: string;
  /** One to three short sentences, understood without the others. */
  readonly meaning: string;
  /** What more there is to know, for those who read on. */
  readonly more?: string;
}

/** Every word that the window or the documents explain: one source for both. By subject, as one would tell it. */
export const glossary = {
  "chat-vector": {
    term: "chat vector, τ",
    meaning:
      "What instruction tuning changed: chat − base, weight by weight. Added to another descendant of the base, it makes that one follow instructions too.",
    more: "Called a task vector in general. Source: Chat Vector, arXiv 2310.04799.",
  },
  target: {
    term: "target",
    meaning: "The model that gets the vector: the base, trained further on a new language or domain.",
    more: "Its files are only read. The merged model is a new one beside it.",
  },
  chat: {
    term: "chat",
    meaning: "The base’s own chat model: the base, tuned to follow instructions.",
  },
  base: {
    term: "base",
    meaning: "The model that chat and target both started from. It is subtracted, so it must be that very one.",
    more: "With another base, what is added is the difference between two unrelated trainings, and the result is noise.",
  },
  lambda: {
    term: "λ, scale",
    meaning:
      "How much of the chat vector is added: 0 leaves the target as it is, 1 adds all of it. Less keeps more of the target’s own training; 0.5 to 1 is usual.",
    more: "λ may be negative, which takes the chat tuning away, and larger than 1.",
  },
  "lambda-by-layer": {
    term: "λ by layer",
    meaning:
      "λ need not be the same at every depth. The curve multiplies it from the first layer to the last; flat means the same λ everywhere.",
    more: "Between its points the curve is straight. What stands outside the layers (embedding, final norm, output head) takes the plain λ.",
  },
  outside: {
    term: "λ outside the layers",
    meaning:
      "λ of what belongs to no layer, which the curve does not reach: embedding, final norm and output head. With nothing in the field they take the plain λ.",
  },
  rule: {
    term: "rule",
    meaning:
      "λ for tensors by their name, with * for any text: *norm.weight with λ 0 leaves all norms as the target has them. The first rule that fits replaces scale and curve.",
  },
  shift: {
    term: "target shift, σ",
    meaning: "What further training changed in the target: target − base, weight by weight.",
  },
  norm: {
    term: "norm, ‖τ‖",
    meaning:
      "The length of a change, all its weights taken together: the square root of the sum of their squares (Frobenius norm).",
  },
  "relative-norm": {
    term: "relative norm, ‖τ‖ / ‖base‖",
    meaning:
      "How strongly chat tuning changed a tensor, as a share of the base’s own size. It shows where in the network the chat vector lives.",
  },
  "relative-to-target": {
    term: "relative to target, ‖τ‖ / ‖target‖",
    meaning: "The same change, as a share of the target’s size, which is what it is added to.",
  },
  cosine: {
    term: "cosine, cos(τ, σ)",
    meaning:
      "Whether chat tuning and the target’s own training changed the base in the same direction: 1 the same, 0 unrelated, −1 opposite. Near 0 they can be added without getting in each other’s way.",
  },
  "merged-shift": {
    term: "merged shift, ‖λτ‖ / ‖target‖",
    meaning:
      "How far the merge moves the target at the present λ, as a share of the target’s size. 0 % is the target itself.",
  },
  "largest-change": { term: "largest change, max |τ|", meaning: "The largest change of a single weight." },
  unchanged: {
    term: "unchanged",
    meaning: "The share of weights that are exactly equal in chat and base. High where tuning froze a part.",
  },
  tensor: {
    term: "tensor",
    meaning:
      "One array of weights with a name, such as model.layers.7.mlp.down_proj.weight. A model is a few hundred of them.",
  },
  layer: {
    term: "layer",
    meaning:
      "One of the equal blocks that a model stacks, counted from 0 at the input. Attention and MLP stand inside it.",
  },
  vocabulary: {
    term: "vocabulary",
    meaning: "The tokens (pieces of text) that a model knows. Each has a row in the embedding and in the output head.",
  },
  "vocabulary-policy": {
    term: "vocabulary policy",
    meaning:
      "What is added to embedding and output head where the tokenizers differ: each token’s own row (by token), the first rows by number, or nothing (the target’s are kept).",
    more: "By token is right wherever the tokenizers can be read. Rows of the target are never cut off.",
  },
  "chat-template": {
    term: "chat template",
    meaning:
      "How a conversation is written as text before a chat model reads it. It travels with the merged model, and needs the tokens that it uses.",
  },
  "tied-embeddings": {
    term: "tied embeddings",
    meaning:
      "Embedding and output head are one tensor that serves for both, so no lm_head is stored. That is no error, and the head follows the embedding.",
  },
  "output-head": {
    term: "output head",
    meaning: "The last tensor, often lm_head: it turns what the model thought into a score for each token.",
  },
  checkpoint: {
    term: "checkpoint",
    meaning:
      "A model’s weights as files: a folder with config.json and one or more weight files, or such a file alone.",
  },
  safetensors: {
    term: "safetensors",
    meaning:
      "The usual file format of weights: a list of tensors, then their numbers. Nothing in it can be executed. What is written here is always safetensors.",
  },
  shard: {
    term: "shard",
    meaning: "One of several files that a large model is split into; an index file says which tensor lies in which.",
  },
  dtype: {
    term: "dtype",
    meaning:
      "How many bits a weight has: bf16 and f16 take 2 bytes, f32 takes 4. bf16 has f32’s range with fewer digits; f16 has more digits and a smaller range.",
    more: "Whatever they are stored in, sums are formed in f32 and rounded once, to the output’s dtype (docs/numbers.md).",
  },
  plan: {
    term: "plan",
    meaning:
      "The list of what happens to every tensor: merged with which λ, or copied, and why. It is made before anything is written, and the export obeys it.",
  },
  recipe: {
    term: "recipe",
    meaning:
      "A text file that says what is merged and how. It makes the same model again, here or on the command line.",
  },
  verified: {
    term: "verified",
    meaning:
      "After writing, tens of thousands of weights over all tensors are computed again on the CPU, from the models’ files, and compared with what lies on the disk, bit for bit.",
    more: "Every file also gets its SHA-256 into chat-vector.json.",
  },
} as const satisfies Readonly<Record<string, Definition>>;

export type WordId = keyof typeof glossary;

export const wordIds = Object.keys(glossary) as readonly WordId[];
