import "./words.css";
import { Popover } from "radix-ui";
import type { WordId } from "../../words/glossary.ts";
import { Definitions } from "./definitions.tsx";

interface WordsButtonProps {
  /** What is explained: the button's name. */
  readonly label: string;
  readonly words: readonly WordId[];
}

/** A "?" where several words stand close together: all their explanations in one note. */
export function WordsButton({ label, words }: WordsButtonProps) {
  return (
    <Popover.Root>
      <Popover.Trigger className="words-button" aria-label={label} title={label}>
        ?
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className="word-note words-list"
          aria-label={label}
          sideOffset={6}
          collisionPadding={12}
          tabIndex={0}
        >
          <Definitions words={words} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
