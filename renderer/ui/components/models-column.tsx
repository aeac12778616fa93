import "./models-column.css";
import { maximumVectorCount } from "../../../src-core/limits.ts";
import { isComplete } from "../store/edited-vector.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { ChatTokens } from "./chat-tokens.tsx";
import { ModelCard } from "./model-card.tsx";
import { ProblemList } from "./problem-list.tsx";
import { VectorPanel } from "./vector-panel.tsx";

/** The models by role, and what is to be decided about them. */
export function ModelsColumn() {
  const vectors = useStudio((state) => state.vectors);
  return (
    <section className="models-column" aria-label="Models" data-tour="models">
      <h2>Target</h2>
      <ModelCard modelRole="target" label="gets the vector" />
      {vectors.map(({ id }) => (
        <VectorPanel key={id} id={id} />
      ))}
      <AddVector />
      <ProblemList />
      <ChatTokens />
    </section>
  );
}

/** Offered once the vectors there are have their models. */
function AddVector() {
  const offered = useStudio(
    ({ target, vectors }) => target.model !== null && vectors.every(isComplete) && vectors.length < maximumVectorCount,
  );
  const addVector = useStudio((state) => state.addVector);
  const locked = useStudio(isJobRunning);
  if (!offered) return null;
  return (
    <button type="button" className="add-vector" disabled={locked} onClick={addVector}>
      Add another vector
    </button>
  );
}
