import "./workspace.css";
import { completeModels } from "../store/model-slot.ts";
import { useStudio } from "../store/use-studio.tsx";
import { FailureNote } from "./failure-note.tsx";
import { PlanTable } from "./plan-table.tsx";
import { Welcome } from "./welcome.tsx";

/** The middle of the window: what to do first, then what happens to every tensor. */
export function Workspace() {
  const complete = useStudio((state) => completeModels(state.slots) !== null);
  const plan = useStudio((state) => state.plan);
  const failure = useStudio((state) => state.planFailure);
  if (plan !== null) return <PlanTable plan={plan} />;
  if (!complete) return <Welcome />;
  return (
    <section className="workspace-message" aria-label="Plan">
      {failure === null ? <p role="status">Planning from the models’ headers</p> : <FailedPlan />}
    </section>
  );
}

function FailedPlan() {
  const failure = useStudio((state) => state.planFailure);
  const replan = useStudio((state) => state.replan);
  if (failure === null) return null;
  return (
    <FailureNote failure={failure}>
      <button type="button" className="button" onClick={replan}>
        Try again
      </button>
    </FailureNote>
  );
}
