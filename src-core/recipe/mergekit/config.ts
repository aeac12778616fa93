import type { Located } from "../yaml/locate.ts";

/** mergekit's file as far as task_arithmetic goes. Words are mergekit's own; offsets are of the file's text. */
export interface MergekitConfig {
  readonly baseModel: ModelReference | null;
  /** The whole models, or slices of layers one above the other. */
  readonly body: { readonly models: readonly SourceModel[] } | { readonly slices: readonly OutputSlice[] };
  readonly bodyOffset: number;
  /** Outermost first: of the module, then of the file. */
  readonly parameters: readonly Parameters[];
  readonly dtype: NamedDtype | null;
  readonly outDtype: NamedDtype | null;
  readonly tokenizer: TokenizerWish | null;
  /** "auto", a template's name or a template; null without one. */
  readonly chatTemplate: { readonly text: string; readonly offset: number } | null;
}

export interface ModelReference {
  readonly path: string;
  readonly offset: number;
}

export interface SourceModel extends ModelReference {
  readonly parameters: Parameters;
}

export interface OutputSlice {
  readonly offset: number;
  readonly baseModel: ModelReference | null;
  readonly sources: readonly SlicedModel[];
  readonly parameters: Parameters;
}

export interface SlicedModel extends SourceModel {
  /** From the first layer to before the last number. */
  readonly layers: readonly [from: number, to: number];
}

export type Parameters = ReadonlyMap<string, { readonly keyOffset: number; readonly value: Located }>;

export interface NamedDtype {
  readonly name: "float32" | "float16" | "bfloat16";
  readonly offset: number;
}

export interface TokenizerWish {
  /** "union", "base" or a model. */
  readonly source: string;
  readonly offset: number;
}
