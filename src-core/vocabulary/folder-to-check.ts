/** What is known of a written model, for the check whether the usual tools will load it. */
export interface FolderToCheck {
  /** For messages. */
  readonly path: string;
  /** Names of all files directly inside. */
  readonly names: readonly string[];
  /** Contents of the small ones: config.json, generation_config.json and the tokenizer's. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Tensors with a row for each token; `shape` as in the weights. */
  readonly vocabularyTensors: readonly {
    readonly name: string;
    readonly role: "embedding" | "head";
    readonly shape: readonly number[];
  }[];
  /** Layers by the tensors' names. */
  readonly layerCount: number;
}
