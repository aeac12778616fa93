import type { PlanRow, PlanSummary } from "../../../electron/api/plan.ts";
import { formatDtypes } from "../format/model-text.ts";

export interface ReasonCount {
  readonly reason: string;
  readonly count: number;
}

/** Why tensors are copied, the commonest reason first. */
export function copyReasons(rows: readonly PlanRow[]): readonly ReasonCount[] {
  const counts = new Map<string, number>();
  for (const { action, reason } of rows) if (action === "copy") counts.set(reason, (counts.get(reason) ?? 0) + 1);
  return [...counts].map(([reason, count]) => ({ reason, count })).sort((a, b) => b.count - a.count);
}

/** The dtypes that are written, largest share of the bytes first: "bf16 + f32". */
export function outputDtypes({ rows }: Pick<PlanSummary, "rows">): string {
  const bytes = new Map<string, number>();
  for (const { outputDtype, byteLength } of rows) bytes.set(outputDtype, (bytes.get(outputDtype) ?? 0) + byteLength);
  return formatDtypes([...bytes].sort((a, b) => b[1] - a[1]).map(([dtype]) => dtype));
}
