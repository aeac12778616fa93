import { useMemo } from "react";
import { valueOfCell } from "../../../../src-core/statistics/cell-values.ts";
import { formatCounted, formatShape } from "../../format/format.ts";
import { metricTexts } from "../../format/metric-text.ts";
import { splitTensorName } from "../../format/names.ts";
import { layoutOf, shownMetric, shownVectorOf, tensorsForMetric } from "../../store/measured.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { MiddleEllipsis } from "../middle-ellipsis.tsx";
import { valueText } from "./cell-text.ts";

/** More rows than this are in the plan's table, which can be searched. */
const shownCount = 400;

/** Tensors that stand in no layer of the text model (a vision tower, names that nobody foresaw), as a plain table. */
export function OtherTensors() {
  const { rest, layerCount } = useStudio(layoutOf);
  if (rest.length === 0) return null;
  const title =
    layerCount === 0 ? formatCounted(rest.length, "tensor") : `${formatCounted(rest.length, "tensor")} elsewhere`;
  if (layerCount === 0) return <OtherTable rest={rest} title={title} />;
  return (
    <details className="other-tensors">
      <summary>
        <h3>{title}</h3>
      </summary>
      <OtherTable rest={rest} title={title} />
    </details>
  );
}

function OtherTable({ rest, title }: { readonly rest: readonly number[]; readonly title: string }) {
  const metric = useStudio(shownMetric);
  const tensors = useStudio((state) => tensorsForMetric(state, metric));
  const vector = useStudio(shownVectorOf);
  const rows = useStudio((state) => state.measureRows);
  const statistics = useStudio((state) => state.statistics);
  const selected = useStudio((state) => state.selectedTensor);
  const selectTensor = useStudio((state) => state.selectTensor);
  const values = useMemo(
    () => rest.slice(0, shownCount).map((index) => valueOfCell([index], tensors, metric, vector)),
    [rest, tensors, metric, vector],
  );
  const most = values.reduce<number>(
    (largest, value) => (typeof value === "number" ? Math.max(largest, Math.abs(value)) : largest),
    0,
  );
  return (
    <table className="other-table" aria-label={title}>
      <thead>
        <tr>
          <th scope="col">Tensor</th>
          <th scope="col">Shape</th>
          <th scope="col">{metricTexts[metric].name}</th>
        </tr>
      </thead>
      <tbody>
        {values.map((value, at) => {
          const index = rest[at] ?? 0;
          const row = rows[index];
          if (row === undefined) return null;
          const nonFinite = (statistics[index]?.nonFiniteCount ?? 0) > 0;
          return (
            <tr key={row.name} aria-selected={row.name === selected}>
              <th scope="row">
                <button type="button" className="mono" onClick={() => selectTensor(row.name)}>
                  <MiddleEllipsis text={splitTensorName(row.name)} />
                </button>
              </th>
              <td>{formatShape(row.shape)}</td>
              <td>
                <ValueBar share={typeof value === "number" && most > 0 ? Math.abs(value) / most : 0} />
                {valueText(metric, { value, nonFinite })}
              </td>
            </tr>
          );
        })}
      </tbody>
      {rest.length > shownCount && (
        <tfoot>
          <tr>
            <td colSpan={3}>and {formatCounted(rest.length - shownCount, "more tensor")} in the plan</td>
          </tr>
        </tfoot>
      )}
    </table>
  );
}

/** The value as a length, beside its number. */
function ValueBar({ share }: { readonly share: number }) {
  return (
    <span className="other-bar" aria-hidden="true">
      <span style={{ transform: `scaleX(${share})` }} />
    </span>
  );
}
