/** What a merge needs to know from a model's config.json; a field is null where the file does not say. */
export interface ModelConfig {
  readonly architecture: string | null;
  readonly modelType: string | null;
  readonly hiddenSize: number | null;
  readonly layerCount: number | null;
  readonly vocabularySize: number | null;
  readonly tieWordEmbeddings: boolean | null;
  readonly torchDtype: string | null;
}
