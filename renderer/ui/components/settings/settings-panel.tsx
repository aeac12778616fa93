import "./settings-panel.css";
import type { ShownSettings } from "../../../../electron/api/settings.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { FailureNote } from "../failure-note.tsx";
import { PanelDialog } from "../panel-dialog.tsx";
import { Segments } from "../segments.tsx";
import { ComputeSettings } from "./compute-settings.tsx";
import { ModelFolders } from "./model-folders.tsx";
import { NewRecipeSettings } from "./new-recipe-settings.tsx";
import { ProgramSettings } from "./program-settings.tsx";
import { Setting, SettingsGroup } from "./settings-group.tsx";

/** What holds for every recipe, and how new ones begin; each change takes effect at once. */
export function SettingsPanel() {
  return (
    <PanelDialog panel="settings" title="Settings">
      <Content />
    </PanelDialog>
  );
}

function Content() {
  const settings = useStudio((state) => state.settings);
  const failure = useStudio((state) => state.settingsFailure);
  const loadSettings = useStudio((state) => state.loadSettings);
  const dismiss = useStudio((state) => state.dismissSettingsFailure);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and so the keyboard must reach it
    <section className="settings" aria-label="All settings" tabIndex={0}>
      {failure !== null && (
        <FailureNote failure={failure}>
          <button type="button" className="button" onClick={settings === null ? () => void loadSettings() : dismiss}>
            {settings === null ? "Try again" : "Dismiss"}
          </button>
        </FailureNote>
      )}
      {settings !== null && (
        <>
          <Appearance settings={settings} />
          <NewRecipeSettings settings={settings} />
          <ComputeSettings settings={settings} />
          <ModelFolders settings={settings} />
          <ProgramSettings settings={settings} />
          <p className="settings-note">
            The command line does not read these settings: a script gives the same result on every machine.
          </p>
        </>
      )}
    </section>
  );
}

const appearances = [
  { value: "system", label: "As the system’s" },
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
] as const;

function Appearance({ settings: { appearance } }: { readonly settings: ShownSettings }) {
  const change = useStudio((state) => state.changeSettings);
  return (
    <SettingsGroup title="Window">
      <Setting name="Appearance">
        {(label) => (
          <Segments
            labelledBy={label}
            value={appearance}
            choices={appearances}
            onChoose={(chosen) => void change({ appearance: chosen })}
          />
        )}
      </Setting>
    </SettingsGroup>
  );
}
