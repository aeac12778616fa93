import "./words.css";
import { wordIds } from "../../words/glossary.ts";
import { PanelDialog } from "../panel-dialog.tsx";
import { Definitions } from "./definitions.tsx";

/** The glossary. */
export function WordsPanel() {
  return (
    <PanelDialog panel="words" title="Words">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it */}
      <section className="words-panel" aria-label="Words and what they mean" tabIndex={0}>
        <Definitions words={wordIds} whole />
      </section>
    </PanelDialog>
  );
}
