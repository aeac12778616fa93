// biome-ignore-all lint/a11y/useSemanticElements: cells are painted; the roles say what a table would
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid holds the focus and names its active cell
import {
  type FocusEvent,
  type KeyboardEvent,
  type PointerEvent,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
} from "react";
import { cellAtPoint, cellRect, columnAt, type HeatmapGeometry } from "../../figures/heatmap-geometry.ts";
import { metricTexts } from "../../format/metric-text.ts";
import { layoutOf, rowIndexOf } from "../../store/measured.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { type HeatmapModel, visibleRowsOf } from "../../views/heatmap-model.ts";
import { BarLabels } from "./bar-labels.tsx";
import { namesOf, placeText, spokenCell } from "./cell-text.ts";
import { CellTooltip } from "./cell-tooltip.tsx";
import { type GridPlace, gridCellAt, placeAfterKey, placeOfTensors } from "./grid-cursor.ts";
import { HeatmapCanvas } from "./heatmap-canvas.tsx";

interface HeatmapGridProps {
  readonly model: HeatmapModel;
  readonly geometry: HeatmapGeometry;
}

/**
 * The heatmap as a grid with one tab stop: the cells are painted, and the active one alone is an element, named to assistive
 * technology with its module, layer and value. Arrow keys move it and select what it shows.
 */
export function HeatmapGrid({ model, geometry }: HeatmapGridProps) {
  const grid = useRef<HTMLDivElement>(null);
  const id = useId();
  const measureRows = useStudio((state) => state.measureRows);
  const selectTensor = useStudio((state) => state.selectTensor);
  const selectCell = useStudio((state) => state.selectCell);
  const toggleRow = useStudio((state) => state.toggleRow);
  const { cursor: place, setCursor, isSelected } = useCursor(model, geometry);
  const [hovered, setHovered] = useState<GridPlace | null>(null);
  const [keyboardFocus, setKeyboardFocus] = useState(false);
  // How far down a tooltip may reach before it is cut off: rows that do not fit scroll inside the viewport around.
  const [seenBottom, setSeenBottom] = useState(0);
  const lookAround = () => {
    const viewport = grid.current?.parentElement;
    if (viewport) setSeenBottom(viewport.scrollTop + viewport.clientHeight);
  };

  const active = gridCellAt(model, geometry, place);
  const rect = cellRect(geometry, place.row, place.column);
  const column = columnAt(geometry, place.column);

  const moveTo = (to: GridPlace) => {
    setCursor(to);
    const cell = gridCellAt(model, geometry, to);
    if (cell === null) return;
    selectCell({ label: placeText(cell), layer: cell.layer, tensors: namesOf(measureRows, cell.tensors) });
  };

  useEffect(() => {
    if (!keyboardFocus) return;
    grid.current?.querySelector(".heatmap-cursor")?.scrollIntoView({ block: "nearest" });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") return selectTensor(null);
    const row = model.rows[place.row]?.row;
    if (event.key === "Enter" && column.kind === "layer" && row !== undefined && row.children.length > 0) {
      event.preventDefault();
      return toggleRow(row.key);
    }
    const to = event.key === " " ? place : placeAfterKey(event, place, model, geometry);
    if (to === null) return;
    event.preventDefault();
    setHovered(null);
    setKeyboardFocus(true);
    lookAround();
    moveTo(to);
  };
  const placeUnder = (event: PointerEvent) => {
    const box = event.currentTarget.getBoundingClientRect();
    const under = cellAtPoint(geometry, event.clientX - box.left, event.clientY - box.top);
    return under !== null && gridCellAt(model, geometry, under) !== null ? under : null;
  };
  const onFocus = (event: FocusEvent) => {
    setKeyboardFocus(event.currentTarget.matches(":focus-visible"));
    lookAround();
  };

  const pointed = hovered ?? (keyboardFocus ? place : null);
  const pointedCell = pointed === null ? null : gridCellAt(model, geometry, pointed);
  const rowName = column.kind === "layer" ? (model.rows[place.row]?.row.label ?? "") : "outside the layers";

  return (
    <div
      ref={grid}
      className="heatmap-grid"
      role="grid"
      aria-label={`${metricTexts[model.metric].name} by module and layer`}
      aria-rowcount={model.rows.length}
      aria-colcount={geometry.columnCount}
      aria-activedescendant={active === null ? undefined : `${id}-active`}
      tabIndex={0}
      style={{ width: geometry.axis.width, height: geometry.height }}
      onKeyDown={onKeyDown}
      onFocus={onFocus}
      onBlur={() => setKeyboardFocus(false)}
      onPointerEnter={lookAround}
      onPointerMove={(event) => setHovered(placeUnder(event))}
      onPointerLeave={() => setHovered(null)}
      onPointerDown={(event) => {
        const under = placeUnder(event);
        setKeyboardFocus(false);
        if (under !== null) moveTo(under);
      }}
    >
      <HeatmapCanvas model={model} geometry={geometry} />
      <BarLabels model={model} geometry={geometry} />
      {active !== null && (
        <div role="row" aria-rowindex={place.row + 1}>
          <span role="rowheader" className="visually-hidden">
            {rowName}
          </span>
          <div
            id={`${id}-active`}
            role="gridcell"
            className="heatmap-cursor"
            aria-colindex={place.column + 1}
            aria-selected={isSelected}
            aria-label={spokenCell(model.metric, active)}
            data-small={Math.min(rect.width, rect.height) < 8 || undefined}
            style={{
              transform: `translate(${rect.x}px, ${rect.y}px)`,
              width: rect.width,
              height: rect.height,
            }}
          />
        </div>
      )}
      {pointed !== null && pointedCell !== null && (
        <CellTooltip
          cell={pointedCell}
          metric={model.metric}
          rect={cellRect(geometry, pointed.row, pointed.column)}
          width={geometry.axis.width}
          bottom={seenBottom}
        />
      )}
    </div>
  );
}

/** The active cell: where keyboard or pointer left it, or where what was selected elsewhere is shown. */
function useCursor(model: HeatmapModel, geometry: HeatmapGeometry) {
  const selectedTensor = useStudio((state) => state.selectedTensor);
  const selectedCell = useStudio((state) => state.selectedCell);
  const rowIndex = useStudio(rowIndexOf);
  const rows = useStudio(visibleRowsOf);
  const layout = useStudio(layoutOf);
  const [cursor, setCursor] = useState<GridPlace>({ row: 0, column: layout.before.length });
  const selected = useMemo(() => {
    const names = selectedCell?.tensors ?? (selectedTensor === null ? [] : [selectedTensor]);
    return names.flatMap((name) => rowIndex.get(name) ?? []);
  }, [selectedTensor, selectedCell, rowIndex]);
  const place = useMemo(() => placeOfTensors(selected, rows, layout), [selected, rows, layout]);
  const [first] = selected;
  const here = clampPlace(cursor, model, geometry);
  const holds = first !== undefined && gridCellAt(model, geometry, here)?.tensors.length === selected.length;
  const isThere = holds && gridCellAt(model, geometry, here)?.tensors.includes(first) === true;
  const shown = place === null || isThere ? here : place;
  // By its numbers: another object for the same place must not render again.
  const { row, column } = shown;
  useEffect(
    () => setCursor((before) => (before.row === row && before.column === column ? before : { row, column })),
    [row, column],
  );
  return { cursor: shown, setCursor, isSelected: place !== null };
}

function clampPlace({ row, column }: GridPlace, model: HeatmapModel, geometry: HeatmapGeometry): GridPlace {
  return {
    row: Math.min(row, Math.max(model.rows.length - 1, 0)),
    column: Math.min(column, Math.max(geometry.columnCount - 1, 0)),
  };
}
