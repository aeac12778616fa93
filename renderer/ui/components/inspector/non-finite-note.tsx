import { formatCount, formatCounted } from "../../format/format.ts";
import { rowIndexOf } from "../../store/measured.ts";
import { useStudio } from "../../store/use-studio.tsx";

const carriedOn = "Merging would carry it on: give this tensor λ\u00a00, or get the file again.";
const advice = {
  target: "It stays in the merged model, whatever λ is: get the target’s file again.",
  chat: carriedOn,
  base: carriedOn,
} as const;

/** NaN or infinities in a tensor: in which model, where the first one is, and what can be done. */
export function NonFiniteNote({ name }: { readonly name: string }) {
  const index = useStudio((state) => rowIndexOf(state).get(name) ?? -1);
  const statistics = useStudio((state) => state.statistics[index] ?? null);
  const shape = useStudio((state) => state.measureRows[index]?.shape);
  const peekAt = useStudio((state) => state.peekAt);
  const first = statistics?.firstNonFinite ?? null;
  if (statistics === null || first === null || shape === undefined) return null;
  const columns = shape.length > 1 ? shape.slice(1).reduce((product, dimension) => product * dimension, 1) : 0;
  const row = columns > 0 ? Math.floor(first.index / columns) : 0;
  const column = columns > 0 ? first.index % columns : first.index;
  const place = columns > 0 ? `[${formatCount(row)}, ${formatCount(column)}]` : `[${formatCount(column)}]`;
  return (
    <div className="inspector-note" role="note">
      <p>
        <strong>NaN or infinity.</strong> {formatCounted(statistics.nonFiniteCount, "element")} left out of the figures;
        the first is in {first.role} at <span className="mono">{place}</span>. {advice[first.role]}
      </p>
      <button type="button" className="button" onClick={() => peekAt({ role: first.role, row, column })}>
        Show the value
      </button>
    </div>
  );
}
