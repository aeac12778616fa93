/** A tensor's value in at most eight characters: "−0.0399", "3.2e−5", "1024.5", "NaN", "−∞". */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? "−0" : "0";
  const text =
    size < 1e-3 || size >= 1e5 ? value.toExponential(1) : size < 10 ? value.toFixed(4) : value.toPrecision(5);
  return text.replace("e+", "e").replaceAll("-", "−");
}
