import { WordsButton } from "../words/words-button.tsx";

const words = [
  "tensor",
  "chat-vector",
  "shift",
  "norm",
  "relative-norm",
  "cosine",
  "unchanged",
  "merged-shift",
] as const;

/** Explains the numbers below it. */
export function InspectorWords() {
  return <WordsButton label="What these numbers mean" words={words} />;
}
