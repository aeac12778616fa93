import "./words.css";
import { Tooltip } from "radix-ui";
import { type ReactNode, type SyntheticEvent, useState } from "react";
import { glossary, type WordId } from "../../words/glossary.ts";

interface WordProps {
  readonly of: WordId;
  /** As it is said here. */
  readonly children: ReactNode;
}

/** How long the pointer stays before the note comes: long enough to pass over without it. */
const hoverDelayMs = 350;

/** A word with its explanation: under the pointer, at the keyboard's focus, and on a click. Escape puts the note away. */
export function Word({ of, children }: WordProps) {
  const [open, setOpen] = useState(false);
  const { term, meaning } = glossary[of];
  // A press would close the note that a click is meant to show.
  const keep = (event: SyntheticEvent) => event.preventDefault();
  return (
    <Tooltip.Provider delayDuration={hoverDelayMs}>
      <Tooltip.Root open={open} onOpenChange={setOpen}>
        <Tooltip.Trigger
          type="button"
          className="word"
          data-word={of}
          onPointerDown={keep}
          onClick={(event) => {
            keep(event);
            setOpen(true);
          }}
        >
          {children}
        </Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content
            className="word-note"
            side="top"
            sideOffset={5}
            collisionPadding={12}
            aria-label={`${term}: ${meaning}`}
          >
            <b>{term}</b>
            {meaning}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}
