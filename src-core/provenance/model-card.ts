import { Document } from "yaml";
import type { Recipe } from "../recipe/recipe.ts";
import type { Provenance } from "./provenance.ts";

export interface ModelCard {
  /** The folder's name. */
  readonly title: string;
  readonly provenance: Provenance;
  /** chat-vector.yaml's text. */
  readonly recipeText: string;
  /** Of the target, as its own card says it. */
  readonly license: string | null;
  /** It has a config.json, so that transformers loads it. */
  readonly isTransformersModel: boolean;
  /** Name of a picture of the chat vector's norms beside it. */
  readonly figureName: string | null;
}

/** The model's README.md in the Hugging Face Hub's form: what it is, of what it was made and how, how to load it. */
export function formatModelCard(card: ModelCard): string {
  const { title, provenance, recipeText } = card;
  const { made, tensors, verified, recipe } = provenance;
  return [
    `---\n${frontMatter(card)}---`,
    `# ${title}`,
    `This model was merged by chat-vector arithmetic ([Chat Vector, arXiv 2310.04799](https://arxiv.org/abs/2310.04799)): ${formula(recipe)}`,
    "No training took place. The sums were formed in 32-bit floats and rounded once.",
    "## Models",
    modelTable(recipe),
    `${tensors.merged} tensors were merged, ${tensors.copied} copied from the target. ${verified.samples} elements were computed again from the sources after writing; ${verified.mismatches} differ. What was done to every tensor, and the SHA-256 of every file, are in \`chat-vector.json\`.`,
    ...(card.figureName === null
      ? []
      : ["## The chat vector over the depth", `![Norm of the chat vector by layer](${card.figureName})`]),
    "## Recipe",
    `\`\`\`yaml\n${recipeText.trimEnd()}\n\`\`\``,
    `Made with Chat Vector Studio ${made.version}. \`chat-vector-studio merge --recipe chat-vector.yaml --out …\` makes it again.`,
    ...(card.isTransformersModel ? ["## How to load it", loading()] : []),
    "## Licence",
    card.license === null
      ? "The licences of the models above apply."
      : `The target's licence is \`${card.license}\`. The licences of the other models above apply as well.`,
    "",
  ].join("\n\n");
}

function frontMatter({ provenance: { recipe }, license, isTransformersModel }: ModelCard): string {
  const models = [recipe.target, ...recipe.vectors.flatMap(({ chat, base }) => [chat, base])];
  return new Document({
    ...(license === null ? {} : { license }),
    base_model: [...new Set(models.map(modelName))],
    base_model_relation: "merge",
    ...(isTransformersModel ? { library_name: "transformers", pipeline_tag: "text-generation" } : {}),
    tags: ["merge", "chat-vector"],
  }).toString({ lineWidth: 0 });
}

/** "org/name" of a model in the Hugging Face cache; else the folder's or file's name. */
export function modelName(path: string): string {
  const cached = /(?:^|[\\/])models--([^\\/]+?)--([^\\/]+)/.exec(path);
  if (cached !== null) return `${cached[1]}/${cached[2]}`;
  const parts = path.split(/[\\/]/).filter((part) => part !== "");
  return parts.at(-1) ?? path;
}

function formula({ vectors }: Recipe): string {
  const terms = vectors.map(({ name, scale }) => `${scale} · τ(${name})`);
  return `merged = target + ${terms.join(" + ")}, where τ = chat − base.`;
}

function modelTable({ target, vectors }: Recipe): string {
  const rows = [
    ["target", modelName(target), ""],
    ...vectors.flatMap(({ name, chat, base, scale, curve, rules }) => [
      [`chat of “${name}”`, modelName(chat), shapeOf(scale, curve, rules)],
      [`base of “${name}”`, modelName(base), ""],
    ]),
  ];
  return ["| role | model | λ |", "|---|---|---|", ...rows.map((cells) => `| ${cells.map(cell).join(" | ")} |`)].join(
    "\n",
  );
}

function shapeOf(scale: number, curve: readonly number[] | undefined, rules: readonly unknown[] | undefined): string {
  const shape = [curve === undefined ? "" : "a curve over the layers", rules?.length ? `${rules.length} rules` : ""];
  return [String(scale), ...shape.filter(Boolean)].join(", ");
}

/** A name from a folder must not end a table's cell, nor become markup. */
function cell(text: string): string {
  return text.replace(/[\\`*_[\]<>|#~]/g, (character) => `\\${character}`).replace(/\s+/g, " ");
}

function loading(): string {
  return [
    "```python",
    "from transformers import AutoModelForCausalLM, AutoTokenizer",
    "",
    'folder = "."  # where this README lies',
    "tokenizer = AutoTokenizer.from_pretrained(folder)",
    'model = AutoModelForCausalLM.from_pretrained(folder, torch_dtype="auto")',
    "```",
  ].join("\n");
}
