import { type ReactNode, useId } from "react";
import type { ComputeChoice, KnownDevices, ShownSettings } from "../../../../electron/api/settings.ts";
import { isJobRunning } from "../../store/job-phase.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { SettingsGroup } from "./settings-group.tsx";

/** What computes: by itself or as told, with what this machine was found to have. */
export function ComputeSettings({ settings }: { readonly settings: ShownSettings }) {
  const change = useStudio((state) => state.changeSettings);
  const exporting = useStudio(isJobRunning);
  const { compute, computeFixed, knownDevices } = settings;
  const name = useId();
  const choices: readonly (readonly [ComputeChoice, string, ReactNode])[] = [
    ["auto", "Automatic", automaticText(knownDevices)],
    ["gpu", "GPU", gpuText(knownDevices)],
    ["cpu", "CPU", knownDevices.cpu ?? "Not used so far"],
  ];
  return (
    <SettingsGroup title="Compute" {...noteOf(computeFixed, exporting)}>
      <div className="compute-choices" role="radiogroup" aria-label="What computes">
        {choices.map(([value, label, detail]) => (
          <label key={value} className="compute-choice" data-chosen={compute === value || undefined}>
            <input
              type="radio"
              name={name}
              value={value}
              checked={compute === value}
              disabled={computeFixed !== null}
              onChange={() => void change({ compute: value })}
            />
            <span className="compute-choice-name">{label}</span>
            <span className="compute-choice-detail">{detail}</span>
          </label>
        ))}
      </div>
    </SettingsGroup>
  );
}

function noteOf(computeFixed: ShownSettings["computeFixed"], exporting: boolean): { note?: string } {
  if (computeFixed !== null)
    return { note: `CHAT_VECTOR_BACKEND=${computeFixed} was set when the program was started, and goes before this.` };
  return exporting ? { note: "The export that runs keeps what computes it; a change holds after it." } : {};
}

function automaticText({ auto }: KnownDevices): string {
  if (auto === null) return "The GPU where there is one, else the CPU";
  return `Took ${auto.adapter}${auto.because === "" ? "" : `, because ${auto.because}`}`;
}

function gpuText({ gpu }: KnownDevices): string {
  if (gpu === null) return "Not looked for so far";
  if (gpu.name === null) return "None was found; update the graphics driver if there should be one";
  return gpu.isFallback ? `${gpu.name}: WebGPU in software, several times as slow as the CPU` : gpu.name;
}
