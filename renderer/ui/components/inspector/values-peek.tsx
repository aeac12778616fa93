// biome-ignore-all lint/a11y/noNoninteractiveTabindex: arrow keys move the window of values
// biome-ignore-all lint/a11y/useSemanticElements: a fieldset is for fields
import { ToggleGroup } from "radix-ui";
import { type KeyboardEvent, useEffect, useRef } from "react";
import { rowIndexOf } from "../../store/measured.ts";
import { roles } from "../../store/model-slot.ts";
import { peekRowCount } from "../../store/peek-slice.ts";
import type { Peek } from "../../store/studio-state.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { slotsOf } from "../../store/vectors.ts";
import { FailureNote } from "../failure-note.tsx";
import { useElementSize } from "../use-element-size.ts";
import { formatValue } from "./format-value.ts";

/** What a column of values needs. */
const columnWidth = 52;
const valueHeight = 20;

/** A window of actual values from the models' files; arrow keys or the fields move it. */
export function ValuesPeek({ name }: { readonly name: string }) {
  const box = useRef<HTMLDivElement>(null);
  const { width } = useElementSize(box);
  const peek = useStudio((state) => state.peek);
  const peekAt = useStudio((state) => state.peekAt);
  const slots = useStudio(slotsOf);
  const shape = useShape(name);
  const columnCount = Math.max(3, Math.floor(width / columnWidth));
  useEffect(() => {
    if (width > 0 && columnCount !== peek.columnCount) peekAt({ columnCount });
  }, [width, columnCount, peek.columnCount, peekAt]);
  if (shape === null) return null;
  const { rowCount, columnCount: allColumns } = shape;
  const lastRow = Math.max(rowCount - peekRowCount, 0);
  const lastColumn = Math.max(allColumns - columnCount, 0);
  const move = (rows: number, columns: number) =>
    peekAt({ row: clamp(peek.row + rows, lastRow), column: clamp(peek.column + columns, lastColumn) });
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: Readonly<Record<string, readonly [number, number]>> = {
      ArrowDown: [1, 0],
      ArrowUp: [-1, 0],
      ArrowRight: [0, 1],
      ArrowLeft: [0, -1],
      PageDown: [peekRowCount, 0],
      PageUp: [-peekRowCount, 0],
      Home: [-rowCount, -allColumns],
      End: [rowCount, allColumns],
    };
    const by = moves[event.key];
    if (by === undefined) return;
    event.preventDefault();
    move(...by);
  };
  return (
    <section className="values-peek" aria-label="Values at a place">
      <div className="values-peek-head">
        <h2>Values</h2>
        <ToggleGroup.Root
          className="segments segments-small"
          type="single"
          aria-label="Model"
          value={peek.role}
          onValueChange={(value) => {
            const role = roles.find((candidate) => candidate === value);
            if (role !== undefined) peekAt({ role });
          }}
        >
          {roles.map((role) => (
            <ToggleGroup.Item key={role} className="segment" value={role} disabled={slots[role].model === null}>
              {role}
            </ToggleGroup.Item>
          ))}
        </ToggleGroup.Root>
      </div>
      <div
        ref={box}
        className="values-peek-window"
        // As high as what comes, so that nothing below it moves.
        style={{ minHeight: valueHeight * Math.min(peekRowCount, rowCount) }}
        role="group"
        aria-label={`Values of ${peek.role} from row ${peek.row}, column ${peek.column}; arrow keys move`}
        tabIndex={0}
        onKeyDown={onKeyDown}
      >
        {peek.failure !== null ? (
          <FailureNote failure={peek.failure} />
        ) : (
          <table className="mono">
            <tbody>
              {placed(peek).map((row) => (
                <tr key={row.row}>
                  {row.cells.map(({ column, value }) => (
                    <td key={column} data-odd={Number.isFinite(value) ? undefined : true}>
                      {formatValue(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
      <div className="values-peek-place">
        <PlaceField label="row" value={peek.row} most={Math.max(rowCount - 1, 0)} onChange={(row) => peekAt({ row })} />
        <PlaceField
          label="column"
          value={peek.column}
          most={Math.max(allColumns - 1, 0)}
          onChange={(column) => peekAt({ column })}
        />
      </div>
    </section>
  );
}

interface PlaceFieldProps {
  readonly label: string;
  readonly value: number;
  readonly most: number;
  readonly onChange: (value: number) => void;
}

function PlaceField({ label, value, most, onChange }: PlaceFieldProps) {
  return (
    <label>
      {label}
      <input
        className="field"
        type="number"
        min={0}
        max={most}
        value={value}
        onChange={(event) => {
          const typed = event.target.valueAsNumber;
          if (Number.isInteger(typed)) onChange(clamp(typed, most));
        }}
      />
    </label>
  );
}

interface PeekShape {
  readonly rowCount: number;
  readonly columnCount: number;
}

/** As rows and columns: the first dimension by all others; null for an empty tensor. */
function useShape(name: string): PeekShape | null {
  const planned = useStudio((state) => state.plan?.rows.find((row) => row.name === name)?.shape);
  const measured = useStudio((state) => state.measureRows[rowIndexOf(state).get(name) ?? -1]?.shape);
  const shape = planned ?? measured;
  if (shape === undefined) return null;
  const count = shape.reduce((product, dimension) => product * dimension, 1);
  if (count === 0) return null;
  const rowCount = shape.length > 1 ? (shape[0] ?? 1) : 1;
  return { rowCount, columnCount: count / rowCount };
}

/** The values with the rows and columns that they stand at. */
function placed({ row, column, values }: Peek) {
  return (values?.values ?? []).map((cells, below) => ({
    row: row + below,
    cells: cells.map((value, beside) => ({ column: column + beside, value })),
  }));
}

function clamp(value: number, most: number): number {
  return Math.min(Math.max(value, 0), most);
}
