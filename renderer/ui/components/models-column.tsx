import "./models-column.css";
import { formatScale } from "../format/format.ts";
import { useStudio } from "../store/use-studio.tsx";
import { ModelCard } from "./model-card.tsx";
import { ProblemList } from "./problem-list.tsx";

/** The three models by role, and what is to be decided about them. */
export function ModelsColumn() {
  const scale = useStudio((state) => state.scale);
  return (
    <section className="models-column" aria-label="Models">
      <h2>Target</h2>
      <ModelCard modelRole="target" label="gets the vector" />
      <div className="models-column-vector">
        <h2>Chat vector, λ {formatScale(scale)}</h2>
        <ModelCard modelRole="chat" label="chat" />
        <ModelCard modelRole="base" label="base" />
      </div>
      <ProblemList />
    </section>
  );
}
