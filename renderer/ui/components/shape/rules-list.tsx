import "./rules-list.css";
import { type KeyboardEvent, useEffect, useMemo, useRef } from "react";
import { formatCounted } from "../../format/format.ts";
import { isJobRunning } from "../../store/job-phase.ts";
import { layerCountOf, ruleMatchesOf } from "../../store/measured.ts";
import type { ScaleRule } from "../../store/scale-rule.ts";
import { shapedRuleOf } from "../../store/shaped.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { selectedVectorOf } from "../../store/vectors.ts";
import { CloseIcon, UpIcon } from "../icons.tsx";
import { Word } from "../words/word.tsx";

/** λ by name: the first rule that matches a tensor replaces scale and curve for it. */
export function RulesList() {
  const rules = useStudio((state) => selectedVectorOf(state).rules);
  const addRules = useStudio((state) => state.addRules);
  const matches = useStudio(ruleMatchesOf);
  const locked = useStudio(isJobRunning);
  const counts = useMemo(() => countByRule(rules, matches), [rules, matches]);
  return (
    <section className="rules" aria-label="Rules">
      <div className="rules-head">
        <h3>
          <Word of="rule">Rules</Word>
        </h3>
        <p>
          {rules.length === 0 ? "λ of single modules or tensors, by name" : "The first that matches a tensor holds"}
        </p>
        <button type="button" className="ghost" disabled={locked} onClick={() => addRules([""])}>
          Add rule
        </button>
      </div>
      {rules.length > 0 && (
        <ol>
          {rules.map((rule, index) => (
            <RuleRow key={rule.id} rule={rule} isFirst={index === 0} count={counts.get(rule.id) ?? 0} locked={locked} />
          ))}
        </ol>
      )}
    </section>
  );
}

interface RuleRowProps {
  readonly rule: ScaleRule;
  readonly isFirst: boolean;
  /** Tensors that follow it. */
  readonly count: number;
  readonly locked: boolean;
}

function RuleRow({ rule, isFirst, count, locked }: RuleRowProps) {
  const changePattern = useStudio((state) => state.changeRulePattern);
  const typeScale = useStudio((state) => state.typeRuleScale);
  const restore = useStudio((state) => state.restoreRuleScaleText);
  const removeRule = useStudio((state) => state.removeRule);
  const moveRule = useStudio((state) => state.moveRule);
  const { id, tensors, scaleText, scaleError } = rule;
  const pattern = useRef<HTMLInputElement>(null);
  const scale = useRef<HTMLInputElement>(null);
  const ruleToFocus = useStudio((state) => state.ruleToFocus);
  const ruleFocused = useStudio((state) => state.ruleFocused);
  useEffect(() => {
    if (ruleToFocus?.id !== id) return;
    const field = ruleToFocus.field === "pattern" ? pattern.current : scale.current;
    field?.scrollIntoView({ block: "nearest" });
    field?.select();
    ruleFocused();
  }, [ruleToFocus, id, ruleFocused]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey && event.key === "ArrowUp") moveRule(id, -1);
    else if (event.altKey && event.key === "ArrowDown") moveRule(id, 1);
    else return;
    event.preventDefault();
    // An element that is moved in the list loses the focus.
    const focused = document.activeElement;
    requestAnimationFrame(() => focused instanceof HTMLElement && focused.focus());
  };
  return (
    <li className="rule" onKeyDown={onKeyDown}>
      <input
        ref={pattern}
        className="field mono rule-pattern"
        type="text"
        aria-label="Tensor names"
        title="A name, with * for any text and ? for one character. Alt+↑ and Alt+↓ move the rule."
        placeholder="*.mlp.down_proj.weight"
        spellCheck={false}
        autoComplete="off"
        disabled={locked}
        value={tensors}
        onChange={(event) => changePattern(id, event.target.value)}
      />
      <label className="rule-scale">
        λ
        <input
          ref={scale}
          className="field"
          type="text"
          inputMode="decimal"
          aria-label={`λ of ${tensors}`}
          aria-invalid={scaleError !== null}
          title={scaleError ?? undefined}
          autoComplete="off"
          spellCheck={false}
          disabled={locked}
          value={scaleText}
          onChange={(event) => typeScale(id, event.target.value)}
          onBlur={scaleError === null ? () => restore(id) : undefined}
        />
      </label>
      <ShapeButton rule={rule} locked={locked} />
      <span className="rule-count" data-none={count === 0 || undefined}>
        {count === 0 ? "no tensor" : formatCounted(count, "tensor")}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={`Move the rule for ${tensors} up`}
        disabled={locked || isFirst}
        onClick={() => moveRule(id, -1)}
      >
        <UpIcon />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={`Remove the rule for ${tensors}`}
        disabled={locked}
        onClick={() => removeRule(id)}
      >
        <CloseIcon />
      </button>
      {scaleError !== null && (
        <span className="rule-error" role="alert">
          {scaleError}
        </span>
      )}
    </li>
  );
}

/** Has the curve above be this rule's, or the vector's own again. Without layers there is no curve. */
function ShapeButton({ rule: { id, tensors, curve, outside }, locked }: Pick<RuleRowProps, "rule" | "locked">) {
  const isShaped = useStudio((state) => shapedRuleOf(state)?.id === id);
  const hasLayers = useStudio((state) => layerCountOf(state) > 0);
  const shapeRule = useStudio((state) => state.shapeRule);
  if (!hasLayers) return null;
  const isFlat = curve === null && outside === null;
  const shown = isFlat ? "Flat" : "By layer";
  return (
    <button
      type="button"
      className="ghost rule-shape"
      data-state={isShaped ? "on" : undefined}
      aria-pressed={isShaped}
      aria-label={`${shown}: λ by layer of the rule for ${tensors}`}
      title={`${isFlat ? "The same λ in every layer" : "λ differs by layer"}: ${isShaped ? "shown by the curve above. Press to let it go" : "press to shape it with the curve above"}`}
      disabled={locked}
      onClick={() => shapeRule(isShaped ? null : id)}
    >
      {shown}
    </button>
  );
}

/** `matches` counts the usable rules only; a rule without a pattern is none of them. */
function countByRule(rules: readonly ScaleRule[], matches: Int32Array): ReadonlyMap<string, number> {
  const usable = rules.filter((rule) => rule.tensors.trim() !== "");
  const counts = new Map<string, number>();
  for (const match of matches) {
    const rule = usable[match];
    if (rule !== undefined) counts.set(rule.id, (counts.get(rule.id) ?? 0) + 1);
  }
  return counts;
}
