import { expect, it } from "vitest";
import { type Definition, glossary, wordIds } from "./glossary.ts";
import { wordsDocument } from "./words-document.ts";

it("is what docs/words.md says: `npx vitest run renderer/ui/words -u` writes it anew", async () => {
  await expect(wordsDocument()).toMatchFileSnapshot("../../../docs/words.md");
});

it("explains each word in a few sentences that fit a small note", () => {
  for (const id of wordIds) {
    const { term, meaning }: Definition = glossary[id];
    expect(meaning, term).toMatch(/[.)]$/);
    expect(meaning.length, term).toBeLessThan(260);
  }
});

it("has no word twice", () => {
  const terms = wordIds.map((id) => glossary[id].term);
  expect(new Set(terms).size).toBe(terms.length);
});
