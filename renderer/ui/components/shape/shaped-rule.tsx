import { isJobRunning } from "../../store/job-phase.ts";
import { shapedRuleOf } from "../../store/shaped.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { CloseIcon } from "../icons.tsx";

/** Whose curve is edited, where it is a rule's, and the way back to the vector's own. */
export function ShapedRule() {
  const rule = useStudio(shapedRuleOf);
  const shapeRule = useStudio((state) => state.shapeRule);
  const locked = useStudio(isJobRunning);
  if (rule === null) return null;
  return (
    <span className="curve-rule">
      <span className="mono" title={rule.tensors}>
        {rule.tensors === "" ? "without a name" : rule.tensors}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label="Back to λ by layer of the whole vector"
        disabled={locked}
        onClick={() => shapeRule(null)}
      >
        <CloseIcon />
      </button>
    </span>
  );
}
