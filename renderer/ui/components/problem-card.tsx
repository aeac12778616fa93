import "./problem-card.css";
import { RadioGroup } from "radix-ui";
import type { Problem } from "../../../src-core/plan/problem.ts";
import { formatCount, formatCounted } from "../format/format.ts";
import { splitLead } from "../format/names.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { problemWords } from "../words/problem-words.ts";
import { WordsButton } from "./words/words-button.tsx";

/** More names than this tell nobody anything; the table has them all. */
const shownTensorCount = 40;

export function ProblemCard({ problem }: { readonly problem: Problem }) {
  const { lead, rest } = splitLead(problem.message);
  const words = problemWords[problem.code] ?? [];
  return (
    <article className="problem-card selectable" data-severity={problem.severity} data-code={problem.code}>
      <p>
        {lead !== "" && <strong>{lead}: </strong>}
        {rest}
        {/[.!?]$/.test(rest) ? "" : "."}
        {words.length > 0 && (
          <>
            {" "}
            <WordsButton label="The words in this" words={words} />
          </>
        )}
      </p>
      <Values problem={problem} />
      {problem.tensors !== undefined && problem.tensors.length > 0 && <TensorNames names={problem.tensors} />}
      {problem.choices !== undefined && problem.choices.length > 0 && <Choices problem={problem} />}
    </article>
  );
}

/** Expected and actual, where the sentence has not said them already. */
function Values({ problem: { message, expected, actual } }: { readonly problem: Problem }) {
  const values = [
    ["expected", expected],
    ["found", actual],
  ].filter((entry): entry is [string, string] => entry[1] !== undefined && !message.includes(entry[1]));
  if (values.length === 0) return null;
  return (
    <dl className="problem-card-values">
      {values.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function TensorNames({ names }: { readonly names: readonly string[] }) {
  const more = names.length - shownTensorCount;
  return (
    <details className="problem-card-tensors">
      <summary>{formatCounted(names.length, "tensor")}</summary>
      <ul className="mono">
        {names.slice(0, shownTensorCount).map((name) => (
          <li key={name}>{name}</li>
        ))}
        {more > 0 && <li>and {formatCount(more)} more</li>}
      </ul>
    </details>
  );
}

/** One way out is a switch that can be taken back; several are alternatives. */
function Choices({ problem: { code, message, choices = [] } }: { readonly problem: Problem }) {
  const choose = useStudio((state) => state.choose);
  const locked = useStudio(isJobRunning);
  const [only, ...others] = choices;
  if (only !== undefined && others.length === 0) {
    return (
      <div className="problem-card-choices">
        <button
          type="button"
          className="choice"
          aria-pressed={only.selected}
          disabled={locked}
          onClick={() => choose(code, only.id)}
        >
          {only.label}
        </button>
      </div>
    );
  }
  return (
    <RadioGroup.Root
      className="problem-card-choices"
      aria-label={message}
      orientation="horizontal"
      disabled={locked}
      value={choices.find(({ selected }) => selected)?.id ?? ""}
    >
      {choices.map(({ id, label }) => (
        // A click also confirms the choice that is already shown, which a change of value would not.
        <RadioGroup.Item key={id} className="choice" value={id} onClick={() => choose(code, id)}>
          {label}
        </RadioGroup.Item>
      ))}
    </RadioGroup.Root>
  );
}
