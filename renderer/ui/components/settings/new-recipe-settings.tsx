import type { ShownSettings } from "../../../../electron/api/settings.ts";
import { splitPath } from "../../format/names.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { ByteSizeField } from "../byte-size-field.tsx";
import { MiddleEllipsis } from "../middle-ellipsis.tsx";
import { outputDtypeChoices } from "../output-choices.ts";
import { Segments } from "../segments.tsx";
import { Setting, SettingsGroup } from "./settings-group.tsx";

/** Where exports are proposed, and how a new recipe's output is written. */
export function NewRecipeSettings({ settings }: { readonly settings: ShownSettings }) {
  const change = useStudio((state) => state.changeSettings);
  return (
    <SettingsGroup title="Exports" note="New recipes begin with this dtype and file size; the open one keeps its own.">
      <Setting name="Folder">{() => <ExportFolder settings={settings} />}</Setting>
      <Setting name="Dtype">
        {(label) => (
          <Segments
            labelledBy={label}
            value={settings.outputDtype}
            choices={outputDtypeChoices}
            onChoose={(outputDtype) => void change({ outputDtype })}
          />
        )}
      </Setting>
      <Setting name="Largest file">
        {(label) => (
          <>
            <ByteSizeField
              labelledBy={label}
              bytes={settings.shardBytes}
              onChange={(shardBytes) => void change({ shardBytes })}
            />
            <span className="setting-hint">of tensors, like 5 GB or 4 GiB</span>
          </>
        )}
      </Setting>
    </SettingsGroup>
  );
}

function ExportFolder({ settings: { exportFolder } }: { readonly settings: ShownSettings }) {
  const pick = useStudio((state) => state.pickExportFolder);
  const clear = useStudio((state) => state.clearExportFolder);
  return (
    <>
      <span className="setting-path name" data-missing={exportFolder?.missing || undefined}>
        {exportFolder === null ? "Beside the target" : <MiddleEllipsis text={splitPath(exportFolder.path)} />}
      </span>
      {exportFolder?.missing && <span className="setting-missing">not there now</span>}
      <button type="button" className="button" aria-label="Choose folder for exports…" onClick={() => void pick()}>
        Choose…
      </button>
      {exportFolder !== null && (
        <button
          type="button"
          className="button"
          aria-label="Export beside the target again"
          onClick={() => void clear()}
        >
          Reset
        </button>
      )}
    </>
  );
}
