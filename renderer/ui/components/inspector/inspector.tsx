import "./inspector.css";
import { useStudio } from "../../store/use-studio.tsx";
import { CellInspector } from "./cell-inspector.tsx";
import { PlanFacts } from "./plan-facts.tsx";
import { TensorInspector } from "./tensor-inspector.tsx";

/** The selected tensor, or the several of a selected cell; without a selection, the plan as a whole. */
export function Inspector() {
  const plan = useStudio((state) => state.plan);
  const tensor = useStudio((state) => state.selectedTensor);
  const cell = useStudio((state) => state.selectedCell);
  return (
    <section className="inspector" aria-label="Inspector">
      {tensor !== null ? (
        <TensorInspector name={tensor} />
      ) : cell !== null ? (
        <CellInspector cell={cell} />
      ) : plan !== null ? (
        <PlanFacts plan={plan} />
      ) : (
        <p className="inspector-hint">Select a cell to see its tensor.</p>
      )}
    </section>
  );
}
