// biome-ignore-all lint/a11y/useSemanticElements: a list that is steered from a text field has no element of its own
import "./command-palette.css";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from "react";
import { allActions, runAction } from "../actions/all-actions.ts";
import { shortcutText } from "../actions/shortcut.ts";
import { useStudio, useStudioStore } from "../store/use-studio.tsx";
import { type FoundCommand, findCommands } from "./command-search.ts";
import { CheckIcon } from "./icons.tsx";
import { PanelDialog } from "./panel-dialog.tsx";

/** All that the window can do, found by words and done with Enter. */
export function CommandPalette() {
  return (
    <PanelDialog panel="commands" title="Commands" bare>
      <Palette />
    </PanelDialog>
  );
}

const commands = allActions.filter(({ id }) => id !== "commands");

function Palette() {
  const store = useStudioStore();
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  // What the window does meanwhile, as measuring, must not make the list jump.
  const [state] = useState(() => store.getState());
  const found = findCommands(commands, useDeferredValue(search), state);
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);
  const optionId = (index: number) => `${listId}-${index}`;

  useEffect(() => {
    list.current?.querySelector("[aria-selected='true']")?.scrollIntoView({ block: "nearest" });
  });
  const run = (command: FoundCommand | undefined) => {
    if (command === undefined || !command.enabled) return;
    store.getState().closePanel();
    // After the focus went back: what is done may move it.
    setTimeout(() => runAction(command.action.id, store.getState()));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = found.length - 1;
    if (event.key === "ArrowDown") setActive(active >= last ? 0 : active + 1);
    else if (event.key === "ArrowUp") setActive(active <= 0 ? Math.max(last, 0) : active - 1);
    else if (event.key === "PageDown") setActive(Math.min(active + 8, Math.max(last, 0)));
    else if (event.key === "PageUp") setActive(Math.max(active - 8, 0));
    else if (event.key === "Enter") run(found[active]);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <input
        className="palette-search"
        type="text"
        role="combobox"
        aria-label="Search commands"
        aria-expanded="true"
        aria-controls={listId}
        aria-autocomplete="list"
        aria-activedescendant={found.length === 0 ? undefined : optionId(active)}
        placeholder="What do you want to do?"
        autoComplete="off"
        spellCheck={false}
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={listId} className="palette-list" role="listbox" aria-label="Commands" tabIndex={-1}>
        {found.map((command, index) => (
          <Command
            key={command.action.id}
            id={optionId(index)}
            command={command}
            checked={command.action.checked?.(state) ?? false}
            active={index === active}
            onPoint={() => setActive(index)}
            onRun={() => run(command)}
          />
        ))}
      </div>
      {found.length === 0 && <p className="palette-none">No command has these words</p>}
      <p className="visually-hidden" role="status">
        {found.length === 1 ? "1 command" : `${found.length} commands`}
      </p>
    </>
  );
}

interface CommandProps {
  readonly id: string;
  readonly command: FoundCommand;
  readonly checked: boolean;
  readonly active: boolean;
  readonly onPoint: () => void;
  readonly onRun: () => void;
}

function Command({ id, command, checked, active, onPoint, onRun }: CommandProps) {
  const platform = useStudio((state) => state.environment?.platform ?? "");
  const [shortcut] = command.action.shortcuts ?? [];
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the search field has the focus and its keys
    <div
      id={id}
      className="palette-command"
      role="option"
      tabIndex={-1}
      aria-selected={active}
      aria-disabled={!command.enabled}
      onPointerMove={active ? undefined : onPoint}
      onClick={onRun}
    >
      <span className="palette-label">
        {command.label}
        {checked && <CheckIcon />}
      </span>
      {shortcut !== undefined && <kbd>{shortcutText(shortcut, platform)}</kbd>}
    </div>
  );
}
