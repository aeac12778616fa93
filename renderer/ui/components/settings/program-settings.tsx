import { useEffect, useId } from "react";
import type { ShownSettings } from "../../../../electron/api/settings.ts";
import { labelOf } from "../../actions/action.ts";
import { allActions } from "../../actions/all-actions.ts";
import { formatBytes, formatCounted } from "../../format/format.ts";
import { useStudio, useStudioStore } from "../../store/use-studio.tsx";
import { Setting, SettingsGroup } from "./settings-group.tsx";

/** What the program keeps, and where it says what happened. */
export function ProgramSettings({ settings: { keepMeasurements } }: { readonly settings: ShownSettings }) {
  const change = useStudio((state) => state.changeSettings);
  const openLogs = useStudio((state) => state.openLogs);
  const id = useId();
  return (
    <SettingsGroup title="Kept on this machine">
      <Setting name="Measurements">
        {() => (
          <div className="setting-stack">
            <label className="setting-check" htmlFor={id}>
              <input
                id={id}
                type="checkbox"
                checked={keepMeasurements}
                onChange={(event) => void change({ keepMeasurements: event.target.checked })}
              />
              Keep them, so that the same models show at once
            </label>
            <KeptMeasurements />
          </div>
        )}
      </Setting>
      <Setting name="Logs">
        {() => (
          <button type="button" className="button" onClick={() => void openLogs()}>
            Show logs in their folder
          </button>
        )}
      </Setting>
      <Tour />
    </SettingsGroup>
  );
}

function KeptMeasurements() {
  const kept = useStudio((state) => state.keptMeasurements);
  const count = useStudio((state) => state.countMeasurements);
  const forget = useStudio((state) => state.forgetMeasurements);
  useEffect(() => void count(), [count]);
  if (kept === null) return null;
  return (
    <div className="setting-line">
      <span className="setting-hint" role="status">
        {kept.count === 0 ? "None is kept" : `${formatCounted(kept.count, "measurement")}, ${formatBytes(kept.bytes)}`}
      </span>
      {kept.count > 0 && (
        <button type="button" className="button" onClick={() => void forget()}>
          Forget them
        </button>
      )}
    </div>
  );
}

/** The first-run tour once more. */
function Tour() {
  const store = useStudioStore();
  const closePanel = useStudio((state) => state.closePanel);
  const tour = allActions.find(({ id }) => id === "tour");
  if (tour === undefined) return null;
  return (
    <Setting name="Guidance">
      {() => (
        <button
          type="button"
          className="button"
          onClick={() => {
            closePanel();
            void tour.run(store.getState());
          }}
        >
          {labelOf(tour, store.getState())}
        </button>
      )}
    </Setting>
  );
}
