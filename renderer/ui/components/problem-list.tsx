import "./problem-list.css";
import type { Problem } from "../../../src-core/plan/problem.ts";
import { formatCount } from "../format/format.ts";
import { useStudio } from "../store/use-studio.tsx";
import { ProblemCard } from "./problem-card.tsx";

const none: readonly Problem[] = [];

/** What the plan found: errors first, then what waits for a decision, then what is merely said. */
export function ProblemList() {
  const problems = useStudio((state) => state.plan?.problems ?? none);
  const bySeverity = (severity: Problem["severity"]) => problems.filter((problem) => problem.severity === severity);
  const errors = bySeverity("error");
  const decisions = bySeverity("decision");
  const notices = bySeverity("notice");
  return (
    <>
      {errors.length > 0 && <Group title={`Does not fit, ${formatCount(errors.length)}`} problems={errors} />}
      {decisions.length > 0 && <Group title={`To decide, ${formatCount(decisions.length)}`} problems={decisions} />}
      {notices.length > 0 && (
        <details className="problem-group">
          <summary>
            <h2>Notices, {formatCount(notices.length)}</h2>
          </summary>
          <Cards problems={notices} />
        </details>
      )}
    </>
  );
}

interface GroupProps {
  readonly title: string;
  readonly problems: readonly Problem[];
}

function Group({ title, problems }: GroupProps) {
  return (
    <section className="problem-group" aria-label={title}>
      <h2>{title}</h2>
      <Cards problems={problems} />
    </section>
  );
}

function Cards({ problems }: { readonly problems: readonly Problem[] }) {
  return (
    <ul className="problem-cards">
      {problems.map((problem) => (
        <li key={`${problem.code} ${problem.message}`}>
          <ProblemCard problem={problem} />
        </li>
      ))}
    </ul>
  );
}
