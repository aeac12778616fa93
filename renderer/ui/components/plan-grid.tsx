// biome-ignore-all lint/a11y/useSemanticElements: rows are placed by themselves, which takes a table's semantics away; the roles say them
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names its active row
import "./plan-grid.css";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef } from "react";
import type { PlanRow } from "../../../electron/api/plan.ts";
import { useStudio } from "../store/use-studio.tsx";
import { PlanGridRow } from "./plan-grid-row.tsx";
import { useRowWindow } from "./use-row-window.ts";

/** As --row-height in tokens.css. */
const rowHeightPx = 28;

const columns = ["Tensor", "Shape", "Layer", "What happens", "Dtype", "Size"] as const;

/**
 * The rows as a grid with one tab stop: arrow keys move the selection, and the focus stays on the grid, which names the
 * active row; so a row that scrolls out of what is rendered takes no focus with it.
 */
export function PlanGrid({ rows }: { readonly rows: readonly PlanRow[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const id = useId();
  const selectedTensor = useStudio((state) => state.selectedTensor);
  const selectTensor = useStudio((state) => state.selectTensor);
  const selected = useMemo(
    () => (selectedTensor === null ? -1 : rows.findIndex(({ name }) => name === selectedTensor)),
    [rows, selectedTensor],
  );
  const { first, end, pageSize, reveal } = useRowWindow(scroller, rows.length, rowHeightPx);

  useEffect(() => {
    if (selected >= 0) reveal(selected);
  }, [selected, reveal]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") return selectTensor(null);
    const next = rowAfterKey(event.key, selected, rows.length, pageSize);
    if (next === null) return;
    event.preventDefault();
    selectTensor(rows[next]?.name ?? null);
  };

  return (
    <div
      ref={scroller}
      className="plan-grid"
      role="grid"
      aria-label="Tensors"
      aria-rowcount={rows.length + 1}
      aria-colcount={columns.length}
      aria-activedescendant={selected >= first && selected < end ? `${id}-${selected}` : undefined}
      tabIndex={0}
      onKeyDown={onKeyDown}
    >
      <div className="plan-grid-head" role="row" aria-rowindex={1}>
        {columns.map((column) => (
          <span key={column} role="columnheader">
            {column}
          </span>
        ))}
      </div>
      <div className="plan-grid-body" role="rowgroup" style={{ height: rows.length * rowHeightPx }}>
        {rows.slice(first, end).map((row, offset) => {
          const index = first + offset;
          return (
            <PlanGridRow
              key={row.name}
              id={`${id}-${index}`}
              row={row}
              rowIndex={index + 2}
              topPx={index * rowHeightPx}
              selected={index === selected}
              onSelect={selectTensor}
            />
          );
        })}
      </div>
    </div>
  );
}

/** The row that a key leads to; null for keys that move nothing. */
export function rowAfterKey(key: string, selected: number, rowCount: number, pageSize: number): number | null {
  const last = rowCount - 1;
  const moves: Readonly<Record<string, number>> = {
    ArrowDown: selected + 1,
    ArrowUp: selected - 1,
    PageDown: selected + pageSize,
    PageUp: selected - pageSize,
    Home: 0,
    End: last,
  };
  const next = moves[key];
  return next === undefined || rowCount === 0 ? null : Math.min(last, Math.max(0, next));
}
