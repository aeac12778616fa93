import { type Definition, glossary, type WordId } from "../../words/glossary.ts";

interface DefinitionsProps {
  readonly words: readonly WordId[];
  /** With what more there is to know. */
  readonly whole?: boolean;
}

export function Definitions({ words, whole = false }: DefinitionsProps) {
  return (
    <dl className="word-definitions">
      {words.map((id) => {
        const { term, meaning, more }: Definition = glossary[id];
        return (
          <div key={id}>
            <dt>{term}</dt>
            <dd>{whole && more !== undefined ? `${meaning} ${more}` : meaning}</dd>
          </div>
        );
      })}
    </dl>
  );
}
