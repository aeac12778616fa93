/**
 * The rows that the tokenizers library gives to the added tokens of a tokenizer.json, in the file's order. It does not take the
 * rows from the file: a token of the model's vocabulary has its row there, any other gets the next free one (after the added
 * tokens beyond the vocabulary, else after as many rows as the vocabulary has tokens). A file whose rows are not these is read
 * differently by a person and by the library.
 * Source: Hugging Face tokenizers 0.23, AddedVocabulary::add_tokens.
 */
export function assignedRows(
  added: readonly string[],
  rowInVocabulary: (token: string) => number | undefined,
  vocabularySize: number,
): number[] {
  const rows = new Map<string, number>();
  let last = -1;
  return added.map((token) => {
    const next = last >= vocabularySize || vocabularySize === 0 ? last + 1 : vocabularySize;
    const row = rowInVocabulary(token) ?? rows.get(token) ?? next;
    rows.set(token, row);
    last = Math.max(last, row);
    return row;
  });
}
