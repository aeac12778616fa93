/**
 * The rows that the tokenizers library gives to the added tokens of a tokenizer.json, in the file's order. It does not take the
 * rows from the file: a token of the model's vocabulary has its row there, the others are numbered from the vocabulary's size on,
 * whatever rows the vocabulary leaves free or goes beyond. A file whose rows are not these is read differently by a person and
 * by the library.
 * Source: seen in Hugging Face tokenizers 0.22.2 and 0.23.2 (AddedVocabulary::add_tokens).
 */
export function assignedRows(
  added: readonly string[],
  rowInVocabulary: (token: string) => number | undefined,
  vocabularySize: number,
): number[] {
  const rows = new Map<string, number>();
  let next = vocabularySize;
  return added.map((token) => {
    const row = rowInVocabulary(token) ?? rows.get(token) ?? next++;
    rows.set(token, row);
    return row;
  });
}
