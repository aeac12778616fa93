import { type Definition, glossary, wordIds } from "./glossary.ts";

/** docs/words.md: the glossary as a document. */
export function wordsDocument(): string {
  const entries = wordIds.map((id) => {
    const { term, meaning, more }: Definition = glossary[id];
    return `- **${term}**: ${[meaning, more].filter(Boolean).join(" ")}`.replaceAll(" *norm", " \\*norm");
  });
  return [
    "# Words",
    "",
    "The words and signs of the field, as the application uses them. In the window they are explained where they stand (what has a",
    "dotted line under it, and behind each “?”), and all together under *Help ▸ Words*.",
    "",
    "This page is made of the same text: `renderer/ui/words/glossary.ts`.",
    "",
    ...entries,
    "",
  ].join("\n");
}
