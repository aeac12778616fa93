import "./model-picker.css";
import { Popover } from "radix-ui";
import { type KeyboardEvent, type RefObject, useEffect, useId, useMemo, useRef, useState } from "react";
import { type Role, roleNames } from "../store/model-slot.ts";
import { useStudio } from "../store/use-studio.tsx";
import { SearchIcon } from "./icons.tsx";
import { type ListedModel, type ModelGroup, modelGroups } from "./model-list.ts";
import { PlacesState } from "./model-picker-state.tsx";

interface ModelPickerProps {
  readonly role: Role;
  /** The focus goes back to it. */
  readonly card: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
}

/** Recent models, those of the Hugging Face cache and of other folders, to be found by typing and chosen by arrows and Enter, or by a click. */
export function ModelPicker({ role, card, onClose }: ModelPickerProps) {
  const showPanel = useStudio((state) => state.showPanel);
  const opensSettings = useRef(false);
  const focusCard = (event: Event) => {
    event.preventDefault();
    const opener = card.current?.querySelector<HTMLElement>("[data-picker-opener]");
    (opener ?? card.current?.querySelector("button"))?.focus();
    // The focus comes back to the card from the settings as well.
    if (opensSettings.current) showPanel("settings");
  };
  return (
    <Popover.Content
      className="model-picker"
      aria-label={`Choose the ${role} model`}
      // Where the page is one column there is no room beside a card.
      side={window.matchMedia("(max-width: 860px)").matches ? "bottom" : "right"}
      align="start"
      sideOffset={10}
      collisionPadding={12}
      onCloseAutoFocus={focusCard}
    >
      <PickerContent
        role={role}
        onClose={onClose}
        onFolders={() => {
          opensSettings.current = true;
          onClose();
        }}
      />
    </Popover.Content>
  );
}

interface PickerContentProps extends Omit<ModelPickerProps, "card"> {
  /** The folders that are looked through are to be changed. */
  readonly onFolders: () => void;
}

function PickerContent({ role, onClose, onFolders }: PickerContentProps) {
  const recents = useStudio((state) => state.recentModels);
  const places = useStudio((state) => state.modelPlaces);
  const loadModelPlaces = useStudio((state) => state.loadModelPlaces);
  const loadRecentModels = useStudio((state) => state.loadRecentModels);
  const openModel = useStudio((state) => state.openModel);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const [now] = useState(() => Date.now());
  const listId = useId();
  useEffect(() => {
    // Looked through anew each time: downloads go on beside the window.
    void loadModelPlaces();
    void loadRecentModels();
  }, [loadModelPlaces, loadRecentModels]);
  const groups = useMemo(() => modelGroups(recents, places ?? [], query, now), [recents, places, query, now]);
  const lines = groups.flatMap((group) => group.lines);
  const current = Math.min(active, lines.length - 1);
  const choose = (line: ListedModel | undefined) => {
    if (line === undefined || line.problem !== null) return;
    void openModel(role, { kind: "offer", id: line.id, name: line.name });
    onClose();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, current, lines.length);
    if (event.key === "Enter") choose(lines[current]);
    else if (next !== null) setActive(next);
    else return;
    event.preventDefault();
  };
  return (
    <>
      <label className="model-picker-search">
        <SearchIcon />
        <input
          className="field"
          type="text"
          role="combobox"
          aria-label={`${roleNames[role]}: find a recent or cached model`}
          aria-expanded="true"
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={lines.length > 0 ? `${listId}-${current}` : undefined}
          placeholder="Find a recent or cached model"
          autoComplete="off"
          spellCheck={false}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <div className="model-picker-list" id={listId} role="listbox" aria-label="Models">
        {groups.map((group, index) => (
          <Group
            key={group.id}
            title={group.title}
            lines={group.lines}
            {...{ listId, first: firstOf(groups, index), current, choose, setActive }}
          />
        ))}
      </div>
      <PlacesState
        onFolders={onFolders}
        query={query}
        shownCount={lines.length - (groups[0]?.lines.length ?? 0)}
        isEmpty={lines.length === 0}
      />
    </>
  );
}

/** Index, in the whole list, of a group's first line. */
function firstOf(groups: readonly ModelGroup[], group: number): number {
  return groups.slice(0, group).reduce((sum, { lines }) => sum + lines.length, 0);
}

/** Where a key leads to; null where it is no key of the list's. */
function moved(key: string, current: number, count: number): number | null {
  const page = 8;
  const steps: Readonly<Record<string, number>> = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page };
  const step = steps[key];
  return step === undefined || count === 0 ? null : Math.max(0, Math.min(count - 1, current + step));
}

interface GroupProps {
  readonly title: string;
  readonly lines: readonly ListedModel[];
  readonly listId: string;
  /** Index of the first line in the whole list. */
  readonly first: number;
  readonly current: number;
  readonly choose: (line: ListedModel) => void;
  readonly setActive: (index: number) => void;
}

function Group({ title, lines, listId, first, current, choose, setActive }: GroupProps) {
  if (lines.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a group of options, for which HTML has an element in a select alone
    <div role="group" aria-label={title}>
      <p className="model-picker-title name" title={title} aria-hidden="true">
        {title}
      </p>
      {lines.map((line, index) => (
        <Line
          key={line.id}
          line={line}
          id={`${listId}-${first + index}`}
          active={first + index === current}
          onPoint={() => setActive(first + index)}
          onChoose={() => choose(line)}
        />
      ))}
    </div>
  );
}

interface LineProps {
  readonly line: ListedModel;
  readonly id: string;
  readonly active: boolean;
  readonly onPoint: () => void;
  readonly onChoose: () => void;
}

function Line({ line: { name, detail, problem }, id, active, onPoint, onChoose }: LineProps) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) element.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the focus and takes the keys
    // biome-ignore lint/a11y/useFocusableInteractive: as above
    <div
      ref={element}
      id={id}
      className="model-picker-line"
      role="option"
      aria-selected={active}
      aria-disabled={problem !== null}
      onPointerMove={active ? undefined : onPoint}
      onClick={onChoose}
    >
      <span className="model-picker-name name" title={name}>
        {name}
      </span>
      <span className="model-picker-detail name" title={problem ?? detail}>
        {problem ?? detail}
      </span>
    </div>
  );
}
