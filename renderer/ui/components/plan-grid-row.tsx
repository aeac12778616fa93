// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by themselves, which takes a table's semantics away; the roles say them
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names its active row
// biome-ignore-all lint/a11y/useKeyWithClickEvents: the grid handles the keys
import { memo } from "react";
import type { PlanRow } from "../../../electron/api/plan.ts";
import { formatBytes, formatDtype, formatShape } from "../format/format.ts";
import { splitTensorName } from "../format/names.ts";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";

interface PlanGridRowProps {
  readonly id: string;
  readonly row: PlanRow;
  /** Counted from 1, the header's. */
  readonly rowIndex: number;
  readonly topPx: number;
  readonly selected: boolean;
  readonly onSelect: (name: string) => void;
}

export const actionWords: Readonly<Record<PlanRow["action"], string>> = { merge: "merged", copy: "copied" };

/** "f16 → bf16", or the one dtype that stays. */
export function dtypeChange({ inputDtype, outputDtype }: PlanRow): string {
  const input = formatDtype(inputDtype);
  return inputDtype === outputDtype ? input : `${input} → ${formatDtype(outputDtype)}`;
}

/** Filled for merged, hollow for copied; words stand beside it or are read out. */
export function ActionMark({ action }: { readonly action: PlanRow["action"] }) {
  return <span className="action-mark" data-action={action} aria-hidden="true" />;
}

export const PlanGridRow = memo(function PlanGridRow({
  id,
  row,
  rowIndex,
  topPx,
  selected,
  onSelect,
}: PlanGridRowProps) {
  return (
    <div
      id={id}
      className="plan-grid-row"
      role="row"
      aria-rowindex={rowIndex}
      aria-selected={selected}
      data-action={row.action}
      style={{ transform: `translateY(${topPx}px)` }}
      onClick={() => onSelect(row.name)}
    >
      <span role="gridcell" className="plan-grid-name mono">
        <MiddleEllipsis text={splitTensorName(row.name)} />
      </span>
      <span role="gridcell" title={formatShape(row.shape)}>
        {formatShape(row.shape)}
      </span>
      <span role="gridcell">{row.layer}</span>
      <span role="gridcell" className="plan-grid-what" title={`${actionWords[row.action]}, ${row.reason}`}>
        <ActionMark action={row.action} />
        <span className="visually-hidden">{actionWords[row.action]}, </span>
        {row.reason}
      </span>
      <span role="gridcell">{dtypeChange(row)}</span>
      <span role="gridcell">{formatBytes(row.byteLength)}</span>
    </div>
  );
});
