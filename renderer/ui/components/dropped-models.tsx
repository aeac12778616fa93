import "./dropped-models.css";
import { ToggleGroup } from "radix-ui";
import { type KeyboardEvent, useEffect, useRef } from "react";
import type { DroppedModel, DroppedRole } from "../store/dropped-roles.ts";
import { missingRoles, roleNames, roles } from "../store/model-slot.ts";
import { useStudio } from "../store/use-studio.tsx";
import { slotsOf } from "../store/vectors.ts";

/** Models that were dropped beside the cards: which role each would take, and why. Nothing is taken before the user agrees. */
export function DroppedModels() {
  const dropped = useStudio((state) => state.dropped);
  const names = useStudio((state) => state.droppedNames);
  if (names.length > 0) return <Reading names={names} />;
  return dropped.length === 0 ? null : <Proposal dropped={dropped} />;
}

function Reading({ names }: { readonly names: readonly string[] }) {
  const leaveDropped = useStudio((state) => state.leaveDropped);
  const [first = ""] = names;
  return (
    <div className="notice-bar" role="status">
      <span className="name">
        Reading the headers of {names.length === 1 ? first : `${first} and ${names.length - 1} more`}
      </span>
      <button type="button" className="button" onClick={leaveDropped}>
        Stop waiting
      </button>
    </div>
  );
}

function Proposal({ dropped }: { readonly dropped: readonly DroppedModel[] }) {
  const takeDropped = useStudio((state) => state.takeDropped);
  const leaveDropped = useStudio((state) => state.leaveDropped);
  const take = useRef<HTMLButtonElement>(null);
  useEffect(() => take.current?.focus(), []);
  const only = dropped.length === 1 ? dropped[0] : undefined;
  const taken = dropped.filter(({ role }) => role !== null).length;
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") leaveDropped();
  };
  return (
    <section className="dropped-models" aria-label="Roles of the new models" onKeyDown={onKeyDown}>
      <p className="dropped-models-title" role="status">
        {dropped.length === 1 ? "Which role is it for?" : `${dropped.length} models: which roles are they for?`}
      </p>
      <ul>
        {dropped.map((each) => (
          <Model key={each.model.id} dropped={each} />
        ))}
      </ul>
      <div className="dropped-models-actions">
        <button
          ref={take}
          type="button"
          className="button"
          aria-disabled={taken === 0}
          onClick={taken === 0 ? undefined : takeDropped}
        >
          {only?.role ? `Use as ${only.role === "further" ? "further vector" : only.role}` : "Use these roles"}
        </button>
        <button type="button" className="button" onClick={leaveDropped}>
          Cancel
        </button>
      </div>
    </section>
  );
}

function Model({ dropped: { model, role, because, isGuess } }: { readonly dropped: DroppedModel }) {
  const chooseDroppedRole = useStudio((state) => state.chooseDroppedRole);
  const replaced = useStudio((state) => (role === null || role === "further" ? null : slotsOf(state)[role].model));
  // Three models have three roles, and need no further choice.
  const isCrowded = useStudio(
    (state) => roles.length - missingRoles(slotsOf(state)).length + state.dropped.length > roles.length,
  );
  const choose = (value: string) => {
    const chosen: DroppedRole | null = value === "further" ? value : (roles.find((each) => each === value) ?? null);
    if (value !== "") chooseDroppedRole(model.id, chosen);
  };
  return (
    <li>
      <span className="dropped-model-name name" title={model.path}>
        {model.name}
      </span>
      <ToggleGroup.Root
        className="segments"
        type="single"
        aria-label={`Role of ${model.name}`}
        value={role ?? "none"}
        onValueChange={choose}
      >
        {roles.map((each) => (
          <ToggleGroup.Item key={each} className="segment" value={each}>
            {roleNames[each]}
          </ToggleGroup.Item>
        ))}
        {isCrowded && (
          <ToggleGroup.Item
            className="segment"
            value="further"
            title="The chat model of one more vector, with the same base"
          >
            Further chat
          </ToggleGroup.Item>
        )}
        <ToggleGroup.Item className="segment" value="none">
          Leave out
        </ToggleGroup.Item>
      </ToggleGroup.Root>
      <span className="dropped-model-reason name">
        {because !== null && (isGuess ? `A guess: it ${because}` : `It ${because}`)}
        {replaced !== null && `${because === null ? "" : "; "}replaces ${replaced.name}`}
      </span>
    </li>
  );
}
