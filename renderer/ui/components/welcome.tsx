import "./welcome.css";
import { missingRoles, type Role, roleNames, roles } from "../store/model-slot.ts";
import { useStudio } from "../store/use-studio.tsx";
import { slotsOf } from "../store/vectors.ts";
import { FailureNote } from "./failure-note.tsx";
import { CheckIcon } from "./icons.tsx";
import { RecentModels } from "./recent-models.tsx";
import { RecentRecipes } from "./recent-recipes.tsx";
import { Word } from "./words/word.tsx";

const explanations: Readonly<Record<Role, string>> = {
  target: "The model that gets the vector: the base, trained further on a new language or domain.",
  chat: "The base’s own chat model, tuned to follow instructions.",
  base: "The model that both of the others started from.",
};

/** Until three models are there: what they are for, and a way to try it at once. */
export function Welcome() {
  const slots = useStudio(slotsOf);
  const missing = missingRoles(slots);
  const anyModel = missing.length < roles.length;
  return (
    <section className="welcome" aria-labelledby="welcome-title" data-tour="workspace">
      <div className="welcome-content">
        <h2 id="welcome-title" className="welcome-title">
          {anyModel ? `Now the ${missing.join(" and the ")}` : "Teach a model to chat, by arithmetic"}
        </h2>
        <p className="welcome-lead">
          A <Word of="chat-vector">chat vector</Word> is what instruction tuning changed in a base model. Added to
          another descendant of that base, it makes that one follow instructions too, without training.
        </p>
        <Formula />
        <dl className="welcome-roles">
          {roles.map((role) => (
            <RoleExplanation key={role} role={role} />
          ))}
        </dl>
        {anyModel ? (
          <p className="welcome-note">
            Drop {missing.length === 1 ? "it on its card" : "them on their cards"}, or anywhere, or choose there.
          </p>
        ) : (
          <>
            <Samples />
            <RecentModels />
            <RecentRecipes />
          </>
        )}
      </div>
    </section>
  );
}

function Formula() {
  return (
    <p className="welcome-formula">
      merged <i>=</i> <b>target</b> <i>+</i> <Word of="lambda">λ</Word> <i>·</i> <i>(</i>
      <b>chat</b> <i>−</i> <b>base</b>
      <i>)</i>
    </p>
  );
}

function RoleExplanation({ role }: { readonly role: Role }) {
  const model = useStudio((state) => slotsOf(state)[role].model);
  return (
    <div>
      <dt>{roleNames[role]}</dt>
      <dd>
        {explanations[role]}
        {model !== null && (
          <span className="welcome-filled" title={model.path}>
            <CheckIcon />
            <span className="name">{model.name}</span>
          </span>
        )}
      </dd>
    </div>
  );
}

function Samples() {
  const openSamples = useStudio((state) => state.openSamples);
  const failure = useStudio((state) => state.samplesFailure);
  const startTour = useStudio((state) => state.startTour);
  const opening = useStudio((state) => roles.some((role) => slotsOf(state)[role].opening?.kind === "samples"));
  return (
    <>
      <div className="welcome-samples">
        <button
          type="button"
          className="button button-primary"
          aria-disabled={opening}
          onClick={opening ? undefined : () => void openSamples()}
        >
          {opening ? "Making sample models" : "Try it with sample models"}
        </button>
        <button type="button" className="button welcome-tour" onClick={startTour}>
          Take the tour
        </button>
        <p className="welcome-note">Three small models that fit each other, made on this computer.</p>
      </div>
      {failure !== null && <FailureNote failure={failure} />}
    </>
  );
}
