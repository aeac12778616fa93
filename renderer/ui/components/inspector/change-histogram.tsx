import { memo } from "react";
import { BarChart } from "./bar-chart.tsx";
import { useChanges } from "./use-measured.ts";

/** How large the changes are, in octaves: |τ| by powers of two. */
export const ChangeHistogram = memo(function ChangeHistogram({ names }: { readonly names: readonly string[] }) {
  const histogram = useChanges(names);
  if (histogram === null) return null;
  const { leastExponent, mostExponent, counts } = histogram;
  const most = Math.max(...counts);
  const peak = leastExponent + Math.floor(counts.indexOf(most) / 2);
  const middle = (leastExponent + mostExponent) / 2;
  const ticks = [leastExponent, ...(Number.isInteger(middle) ? [middle] : []), mostExponent];
  return (
    <>
      <h2>|τ|, log₂</h2>
      <BarChart
        kind="accent"
        heights={counts.map((count) => count / most)}
        label={`Histogram of |τ| from 2 to the ${leastExponent} to 2 to the ${mostExponent}, most at 2 to the ${peak}`}
        ticks={ticks.map((exponent) => String(exponent).replace("-", "−"))}
      />
    </>
  );
});
