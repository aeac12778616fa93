import type { TensorFact } from "../../views/tensor-facts.ts";

/** Null while not measured. */
export function MeasuredFacts({ facts }: { readonly facts: readonly TensorFact[] | null }) {
  if (facts === null) return <p className="inspector-text inspector-pending">Not measured yet</p>;
  if (facts.length === 0)
    return <p className="inspector-text inspector-pending">The vector does not reach this tensor</p>;
  return (
    <dl className="facts-list">
      {facts.map(({ name, meaning, value }) => (
        <div key={meaning} title={meaning}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
