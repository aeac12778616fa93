import "./about-panels.css";
import changelog from "../../../CHANGELOG.md?raw";
import { useStudio } from "../store/use-studio.tsx";
import { changesOf } from "./changes.ts";
import { PanelDialog } from "./panel-dialog.tsx";

/** What this program is, what it runs on, and what others need to know to help. */
export function AboutPanel() {
  return (
    <PanelDialog panel="about" title="About Chat Vector Studio">
      <About />
    </PanelDialog>
  );
}

function About() {
  const environment = useStudio((state) => state.environment);
  const engine = useStudio((state) => state.engine);
  const copyDiagnostics = useStudio((state) => state.copyDiagnostics);
  const closePanel = useStudio((state) => state.closePanel);
  const showPanel = useStudio((state) => state.showPanel);
  const facts = [
    ["Version", environment?.version ?? "unknown"],
    ["Runtime", `Electron ${environment?.electron ?? "?"}, Chromium ${environment?.chromium ?? "?"}`],
    ["Computes on", engine?.adapter ?? "not known yet"],
    ["Because", engine?.because ?? "it has not been chosen yet"],
    ["License", "MIT"],
  ] as const;
  return (
    <div className="about">
      <p>
        Merges language models by chat-vector arithmetic: faster than a script, exact, and visible. Everything stays on
        this machine.
      </p>
      <dl className="facts-list">
        {facts.map(([name, value]) => (
          <div key={name} className="about-fact">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      <div className="about-actions">
        <button
          type="button"
          className="button"
          onClick={() => {
            closePanel();
            void copyDiagnostics(false);
          }}
        >
          Copy diagnostics
        </button>
        <button type="button" className="button" onClick={() => showPanel("licenses")}>
          Licenses
        </button>
      </div>
    </div>
  );
}

/** The changelog, version by version. */
export function NewsPanel() {
  return (
    <PanelDialog panel="news" title="What’s new">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it */}
      <section className="about" aria-label="Changes" tabIndex={0}>
        {changesOf(changelog).map(({ version, changes }) => (
          <section key={version}>
            <h3>{version}</h3>
            <ul className="about-changes">
              {changes.map((change) => (
                <li key={change}>{change}</li>
              ))}
            </ul>
          </section>
        ))}
      </section>
    </PanelDialog>
  );
}
