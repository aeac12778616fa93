import "./model-card.css";
import { Popover } from "radix-ui";
import { type KeyboardEvent, memo, useRef } from "react";
import type { CheckpointSummary } from "../../../electron/api/models.ts";
import { modelFacts } from "../format/model-text.ts";
import { splitName } from "../format/names.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { type ModelOrigin, type Role, roleNames, roles } from "../store/model-slot.ts";
import { useStudio } from "../store/use-studio.tsx";
import { slotsOf } from "../store/vectors.ts";
import { BaseOffers } from "./base-offers.tsx";
import { FailureNote } from "./failure-note.tsx";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";
import { ModelCardMenu } from "./model-card-menu.tsx";
import { ModelPicker } from "./model-picker.tsx";
import { roleDragType, useDropTarget } from "./use-window-drop.ts";

interface ModelCardProps {
  readonly modelRole: Role;
  /** What the model is in this place, in a word or two. */
  readonly label: string;
  /** The name is enough: all of it stands on another card. */
  readonly brief?: boolean;
}

/** One model's place: empty, being opened, open, or with what went wrong. */
export const ModelCard = memo(function ModelCard({ modelRole: role, label, brief = false }: ModelCardProps) {
  const { model, opening, failure } = useStudio((state) => slotsOf(state)[role]);
  const locked = useStudio(isJobRunning);
  const dropOnCard = useStudio((state) => state.dropOnCard);
  const swapModels = useStudio((state) => state.swapModels);
  const { over, handlers } = useDropTarget(
    (files) => void dropOnCard(role, files),
    (from) => {
      const other = roles.find((each) => each === from && each !== role);
      if (other !== undefined) swapModels(other, role);
    },
  );
  const picking = useStudio((state) => state.pickingRole === role);
  const showPicker = useStudio((state) => state.showPicker);
  const card = useRef<HTMLElement>(null);
  const pick = () => showPicker(role);
  const close = () => showPicker(null);
  const state = opening !== null ? "opening" : model !== null ? "loaded" : failure !== null ? "failed" : "empty";
  const movable = model !== null && opening === null && !locked;
  const swapByKeys = (event: KeyboardEvent) => {
    const other = event.altKey && movable ? neighbourOf(role, event.key) : null;
    if (other === null) return;
    event.preventDefault();
    swapModels(role, other);
    focusCard(other);
  };
  return (
    <Popover.Root open={picking} onOpenChange={(open) => (open ? pick() : close())}>
      <Popover.Anchor asChild>
        <section
          ref={card}
          className="model-card"
          aria-label={`${roleNames[role]} model`}
          aria-busy={opening !== null}
          data-role={role}
          data-state={state}
          data-over={over || undefined}
          onKeyDown={swapByKeys}
          {...handlers}
        >
          {/* biome-ignore lint/a11y/noStaticElementInteractions: dragging is the mouse's way to swap; the menu and Alt with arrows are the keyboard's */}
          <div
            className="model-card-role"
            draggable={movable}
            title={movable ? "Drag onto another card to swap" : undefined}
            onDragStart={(event) => {
              event.dataTransfer.setData(roleDragType, role);
              event.dataTransfer.effectAllowed = "move";
              if (card.current !== null) event.dataTransfer.setDragImage(card.current, 24, 16);
            }}
          >
            <span>{label}</span>
            {model !== null && opening === null && (
              <ModelCardMenu role={role} model={model} locked={locked} onPick={pick} />
            )}
          </div>
          {opening !== null ? (
            <Opening role={role} origin={opening} />
          ) : (
            model !== null && <Loaded model={model} brief={brief} />
          )}
          {failure !== null && <FailedOpening role={role} />}
          {state === "empty" && <Choose role={role} onPick={pick} />}
          {role === "base" && state === "empty" && <BaseOffers />}
        </section>
      </Popover.Anchor>
      <ModelPicker role={role} card={card} onClose={close} />
    </Popover.Root>
  );
});

/** The card above or below, as the cards stand. */
function neighbourOf(role: Role, key: string): Role | null {
  const step = key === "ArrowUp" ? -1 : key === "ArrowDown" ? 1 : 0;
  return step === 0 ? null : (roles[roles.indexOf(role) + step] ?? null);
}

/** The focus goes along with the model. */
function focusCard(role: Role): void {
  requestAnimationFrame(() => {
    document.querySelector<HTMLElement>(`.model-card[data-role="${role}"] [data-picker-opener]`)?.focus();
  });
}

function Loaded({ model, brief }: { readonly model: CheckpointSummary; readonly brief: boolean }) {
  return (
    <>
      <h3 className="model-card-name name">
        <MiddleEllipsis text={splitName(model.name)} title={model.path} />
      </h3>
      {(brief ? [] : modelFacts(model)).map((line) => (
        <p key={line.join()} className="model-card-facts">
          {line.map((fact, index) => (
            <span key={fact}>{index < line.length - 1 ? `${fact}, ` : fact}</span>
          ))}
        </p>
      ))}
    </>
  );
}

/** Said in full to who does not see which card they stand on. */
function ChooseButtons({ role }: { readonly role: Role }) {
  const openModel = useStudio((state) => state.openModel);
  return (["folder", "file"] as const).map((kind) => (
    <button
      key={kind}
      type="button"
      className="button"
      aria-label={`Choose ${kind}…`}
      onClick={() => void openModel(role, { kind })}
    >
      {kind === "folder" ? "Folder…" : "File…"}
    </button>
  ));
}

function Choose({ role, onPick }: { readonly role: Role; readonly onPick: () => void }) {
  return (
    <>
      <p className="model-card-invite">Drop a folder or file, or choose</p>
      <div className="model-card-actions">
        <ChooseButtons role={role} />
        <button
          type="button"
          className="button"
          aria-haspopup="dialog"
          aria-label="Recent and cached…"
          title="Models that were opened last, and those of the Hugging Face cache"
          data-picker-opener
          onClick={onPick}
        >
          Recent
          <span className="segment-arrow" aria-hidden="true" />
        </button>
      </div>
    </>
  );
}

function Opening({ role, origin }: { readonly role: Role; readonly origin: ModelOrigin }) {
  const clearModel = useStudio((state) => state.clearModel);
  return (
    <>
      <p className="model-card-opening" role="status">
        {describeOpening(origin)}
      </p>
      <div className="model-card-pulse" aria-hidden="true" />
      <div className="model-card-actions">
        <button type="button" className="button" onClick={() => clearModel(role)}>
          Stop waiting
        </button>
      </div>
    </>
  );
}

function FailedOpening({ role }: { readonly role: Role }) {
  const failure = useStudio((state) => slotsOf(state)[role].failure);
  const retryModel = useStudio((state) => state.retryModel);
  const dismiss = useStudio((state) => state.dismissModelFailure);
  if (failure === null) return null;
  return (
    <div className="model-card-failure">
      <FailureNote failure={failure.failure}>
        {failure.retry?.kind === "reference" && <ChooseButtons role={role} />}
        {failure.retry !== null && (
          <button type="button" className="button" onClick={() => void retryModel(role)}>
            Try again
          </button>
        )}
        <button type="button" className="button" onClick={() => dismiss(role)}>
          Clear
        </button>
      </FailureNote>
    </div>
  );
}

function describeOpening(origin: ModelOrigin): string {
  if (origin.kind === "drop") return `Reading the headers of ${origin.file.name}`;
  if (origin.kind === "reference" || origin.kind === "offer") return `Reading the headers of ${origin.name}`;
  if (origin.kind === "samples") return "Making a sample model";
  return `Choosing a ${origin.kind}`;
}
