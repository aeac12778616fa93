import "./output-options.css";
import { Popover } from "radix-ui";
import { useId, useRef } from "react";
import { defaultShardBytes } from "../../../src-core/limits.ts";
import { formatBytes, formatDtype } from "../format/format.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { ByteSizeField } from "./byte-size-field.tsx";
import { outputDtypeChoices } from "./output-choices.ts";
import { Segments } from "./segments.tsx";
import { WordsButton } from "./words/words-button.tsx";

/** How this recipe's output is written: its dtype, and how large its files get. Says what is not as usual. */
export function OutputOptions() {
  const output = useStudio((state) => state.recipeRest.output);
  const locked = useStudio(isJobRunning);
  const showPanel = useStudio((state) => state.showPanel);
  const trigger = useRef<HTMLButtonElement>(null);
  const opensSettings = useRef(false);
  const { dtype = "same", shardBytes = defaultShardBytes } = output ?? {};
  const said = [
    ...(dtype === "same" ? [] : [formatDtype(dtype)]),
    ...(shardBytes === defaultShardBytes ? [] : [`files of ${formatBytes(shardBytes)}`]),
  ].join(", ");
  return (
    <Popover.Root>
      <Popover.Trigger ref={trigger} className="button output-options-button" disabled={locked}>
        {said === "" ? "Options" : `Options: ${said}`}
        <span className="segment-arrow" aria-hidden="true" />
      </Popover.Trigger>
      <Popover.Content
        className="output-options"
        aria-label="Output options"
        side="top"
        align="start"
        sideOffset={8}
        collisionPadding={12}
        onCloseAutoFocus={(event) => {
          if (!opensSettings.current) return;
          opensSettings.current = false;
          event.preventDefault();
          // Where the focus comes back to from the settings.
          trigger.current?.focus();
          showPanel("settings");
        }}
      >
        <Options onSettings={() => (opensSettings.current = true)} />
      </Popover.Content>
    </Popover.Root>
  );
}

function Options({ onSettings }: { readonly onSettings: () => void }) {
  const output = useStudio((state) => state.recipeRest.output);
  const changeOutput = useStudio((state) => state.changeOutput);
  const id = useId();
  return (
    <>
      <span id={`${id}-dtype`}>Dtype</span>
      <Segments
        labelledBy={`${id}-dtype`}
        value={output?.dtype ?? "same"}
        choices={outputDtypeChoices}
        onChoose={(dtype) => changeOutput({ dtype })}
      />
      <span id={`${id}-size`}>Largest file</span>
      <ByteSizeField
        labelledBy={`${id}-size`}
        bytes={output?.shardBytes ?? defaultShardBytes}
        onChange={(shardBytes) => changeOutput({ shardBytes })}
      />
      <p className="output-options-note">
        Of this recipe.{" "}
        <Popover.Close className="link-button" onClick={onSettings}>
          How new ones begin…
        </Popover.Close>
        <WordsButton label="About these options" words={["dtype", "shard"]} />
      </p>
    </>
  );
}
