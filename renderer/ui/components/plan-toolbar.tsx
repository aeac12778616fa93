import "./plan-toolbar.css";
import { ToggleGroup } from "radix-ui";
import type { PlanSummary } from "../../../electron/api/plan.ts";
import { formatCount, formatCounted } from "../format/format.ts";
import { SearchIcon } from "./icons.tsx";
import type { ActionFilter, PlanFilter } from "./plan-filter.ts";
import { ActionMark } from "./plan-grid-row.tsx";

interface PlanToolbarProps {
  readonly plan: PlanSummary;
  readonly filter: PlanFilter;
  readonly shownCount: number;
  readonly onChange: (filter: PlanFilter) => void;
}

export function PlanToolbar({ plan, filter, shownCount, onChange }: PlanToolbarProps) {
  const groups: readonly { readonly action: ActionFilter; readonly label: string; readonly count: number }[] = [
    { action: "all", label: "All", count: plan.rows.length },
    { action: "merge", label: "Merged", count: plan.mergedCount },
    { action: "copy", label: "Copied", count: plan.copiedCount },
  ];
  const select = (value: string) => {
    const group = groups.find(({ action }) => action === value);
    if (group !== undefined) onChange({ ...filter, action: group.action });
  };
  return (
    <div className="plan-toolbar">
      <ToggleGroup.Root
        className="segments"
        type="single"
        aria-label="Show tensors"
        value={filter.action}
        onValueChange={select}
      >
        {groups.map(({ action, label, count }) => (
          <ToggleGroup.Item key={action} className="segment" value={action}>
            {action !== "all" && <ActionMark action={action} />}
            {label} <span className="segment-count">{formatCount(count)}</span>
          </ToggleGroup.Item>
        ))}
      </ToggleGroup.Root>
      <output className="plan-toolbar-shown">
        {shownCount === plan.rows.length ? "" : `${formatCounted(shownCount, "tensor")} shown`}
      </output>
      <label className="plan-toolbar-search">
        <SearchIcon />
        <input
          className="field"
          type="search"
          placeholder="Find a tensor"
          aria-label="Find a tensor"
          spellCheck={false}
          value={filter.query}
          onChange={(event) => onChange({ ...filter, query: event.target.value })}
        />
      </label>
    </div>
  );
}
