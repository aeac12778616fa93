import "./model-card.css";
import { memo } from "react";
import type { CheckpointSummary } from "../../../electron/api.ts";
import { modelFacts } from "../format/model-text.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { type ModelOrigin, type Role, roleNames } from "../store/model-slot.ts";
import { useStudio } from "../store/use-studio.tsx";
import { slotsOf } from "../store/vectors.ts";
import { FailureNote } from "./failure-note.tsx";
import { ModelCardMenu } from "./model-card-menu.tsx";
import { useDropTarget } from "./use-window-drop.ts";

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
  const { over, handlers } = useDropTarget((files) => void dropOnCard(role, files));
  const state = opening !== null ? "opening" : model !== null ? "loaded" : failure !== null ? "failed" : "empty";
  return (
    <section
      className="model-card"
      aria-label={`${roleNames[role]} model`}
      aria-busy={opening !== null}
      data-role={role}
      data-state={state}
      data-over={over || undefined}
      {...handlers}
    >
      <div className="model-card-role">
        <span>{label}</span>
        {model !== null && opening === null && <ModelCardMenu role={role} model={model} locked={locked} />}
      </div>
      {opening !== null ? (
        <Opening role={role} origin={opening} />
      ) : (
        model !== null && <Loaded model={model} brief={brief} />
      )}
      {failure !== null && <FailedOpening role={role} />}
      {state === "empty" && <Choose role={role} />}
    </section>
  );
});

function Loaded({ model, brief }: { readonly model: CheckpointSummary; readonly brief: boolean }) {
  return (
    <>
      <h3 className="model-card-name name" title={model.path}>
        {model.name}
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

function Choose({ role }: { readonly role: Role }) {
  const openModel = useStudio((state) => state.openModel);
  return (
    <>
      <p className="model-card-invite">Drop a folder or file, or</p>
      <div className="model-card-actions">
        <button type="button" className="button" onClick={() => void openModel(role, { kind: "folder" })}>
          Choose folder…
        </button>
        <button type="button" className="button" onClick={() => void openModel(role, { kind: "file" })}>
          Choose file…
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
  const openModel = useStudio((state) => state.openModel);
  if (failure === null) return null;
  return (
    <div className="model-card-failure">
      <FailureNote failure={failure.failure}>
        {failure.retry?.kind === "reference" && (
          <>
            <button type="button" className="button" onClick={() => void openModel(role, { kind: "folder" })}>
              Choose folder…
            </button>
            <button type="button" className="button" onClick={() => void openModel(role, { kind: "file" })}>
              Choose file…
            </button>
          </>
        )}
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
  if (origin.kind === "reference") return `Reading the headers of ${origin.name}`;
  if (origin.kind === "samples") return "Making a sample model";
  return `Choosing a ${origin.kind}`;
}
