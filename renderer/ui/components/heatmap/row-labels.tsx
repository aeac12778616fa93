import { DropdownMenu } from "radix-ui";
import { memo, useRef } from "react";
import type { HeatmapGeometry } from "../../figures/heatmap-geometry.ts";
import { formatCount } from "../../format/format.ts";
import { globsOfTensors } from "../../shape/row-globs.ts";
import { isJobRunning } from "../../store/job-phase.ts";
import { useStudio } from "../../store/use-studio.tsx";
import type { HeatmapModel, HeatmapModelRow } from "../../views/heatmap-model.ts";
import { ChevronIcon } from "../icons.tsx";

interface RowLabelsProps {
  readonly rows: HeatmapModel["rows"];
  readonly geometry: HeatmapGeometry;
}

/** The modules' names, left of their rows: each opens what can be done with the row. */
export function RowLabels({ rows, geometry }: RowLabelsProps) {
  return (
    <ul className="row-labels" style={{ width: geometry.axis.labelWidth - 8, height: geometry.height }}>
      {rows.map((row, index) => (
        <li
          key={row.row.key}
          data-depth={row.depth}
          style={{ transform: `translateY(${geometry.rowTops[index] ?? 0}px)`, height: geometry.rowHeight }}
        >
          <RowLabel row={row.row} />
        </li>
      ))}
    </ul>
  );
}

/** Stays as it is while λ moves: the row is the layout’s own. */
const RowLabel = memo(function RowLabel({ row }: { readonly row: HeatmapModelRow["row"] }) {
  const open = useStudio((state) => state.openRows.has(row.key));
  const toggleRow = useStudio((state) => state.toggleRow);
  const foldable = row.children.length > 0;
  const what = row.expertCount > 0 ? `${formatCount(row.expertCount)} experts` : "bias";
  return (
    <>
      {foldable && (
        <button
          type="button"
          className="row-chevron"
          aria-expanded={open}
          aria-label={`${row.label}, ${what}`}
          title={open ? `Hide ${what}` : `Show ${what}`}
          onClick={() => toggleRow(row.key)}
        >
          <ChevronIcon />
        </button>
      )}
      <RowMenu row={row} />
    </>
  );
});

/** Not modal, as everywhere: a modal menu would inject a style element. */
function RowMenu({ row }: { readonly row: HeatmapModelRow["row"] }) {
  const measureRows = useStudio((state) => state.measureRows);
  const addRules = useStudio((state) => state.addRules);
  const locked = useStudio(isJobRunning);
  const chosen = useRef(false);
  const setScale = (scale?: number) => {
    chosen.current = true;
    const names = row.cells.flat().flatMap((tensor) => measureRows[tensor]?.name ?? []);
    const globs = globsOfTensors(
      names,
      measureRows.map(({ name }) => name),
    );
    addRules(globs, scale);
  };
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="row-label" title={row.title}>
        <span>{row.label}</span>
        {row.expertCount > 0 && <span className="row-label-count">×{formatCount(row.expertCount)}</span>}
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        className="menu"
        align="start"
        sideOffset={2}
        collisionPadding={8}
        loop
        onCloseAutoFocus={(event) => {
          // The new rule's field has the focus.
          if (chosen.current) event.preventDefault();
          chosen.current = false;
        }}
      >
        <DropdownMenu.Label className="menu-label mono">{row.title}</DropdownMenu.Label>
        <DropdownMenu.Item className="menu-item" disabled={locked} onSelect={() => setScale()}>
          Set λ of this row…
        </DropdownMenu.Item>
        <DropdownMenu.Item className="menu-item" disabled={locked} onSelect={() => setScale(0)}>
          Leave this row as it is (λ 0)
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
