import type { Part } from "../../src-core/plan/part-plan.ts";
import type { ChatTokenWish, Recipe } from "../../src-core/recipe/recipe.ts";
import type { ReadingWish } from "../checkpoints/catalog.ts";

export interface InspectOptions {
  readonly checkpoint: string;
  readonly json: boolean;
}

/** What is merged or measured: a recipe's file, or its pieces. What is given beside a file goes before what it says. */
export interface RecipeOptions {
  readonly recipe?: string;
  readonly base?: string;
  readonly chat?: string;
  readonly target?: string;
  readonly scale?: number;
  readonly vocabulary?: Recipe["vocabulary"];
  readonly chatToken?: readonly ChatTokenWish[];
  readonly tokenizer?: Recipe["output"]["tokenizer"];
  readonly chatTemplate?: Recipe["output"]["chatTemplate"];
  readonly dtype?: Recipe["output"]["dtype"];
  readonly shardSize?: number;
  readonly onMismatch?: Recipe["onMismatch"];
}

export interface MergeOptions extends RecipeOptions {
  readonly out: string;
  /** Only this share of the output's files. */
  readonly part?: Part;
  /** Puts finished parts together. */
  readonly finish: boolean;
  readonly resume: boolean;
  readonly overwrite: boolean;
  readonly hashSources: boolean;
  readonly backend: "auto" | "gpu" | "cpu";
  readonly io: ReadingWish;
  readonly trace?: string;
  readonly json: boolean;
}

export interface MeasureOptions extends RecipeOptions {
  readonly csv?: string;
  readonly backend: "auto" | "gpu" | "cpu";
  readonly io: ReadingWish;
  readonly trace?: string;
  readonly json: boolean;
}

export interface ConvertOptions {
  readonly recipe: string;
  readonly as: "recipe" | "mergekit";
  readonly out?: string;
  readonly json: boolean;
}

export interface VerifyOptions {
  readonly folder: string;
  readonly json: boolean;
}

export interface SamplesOptions {
  readonly out: string;
  readonly parameters: string;
  readonly layers?: number;
  readonly experts?: number;
  readonly seed: number;
  /** Tokens of the target beyond the base's. */
  readonly ownTokens?: number;
  readonly shuffled: boolean;
  readonly tied: boolean;
  readonly json: boolean;
}

export type ParsedCommand =
  | { readonly name: "text"; readonly text: string }
  | { readonly name: "inspect"; readonly options: InspectOptions }
  | { readonly name: "merge"; readonly options: MergeOptions }
  | { readonly name: "measure"; readonly options: MeasureOptions }
  | { readonly name: "recipe"; readonly options: ConvertOptions }
  | { readonly name: "verify"; readonly options: VerifyOptions }
  | { readonly name: "samples"; readonly options: SamplesOptions };
