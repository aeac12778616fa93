import type { MergeOutcome } from "../../src-core/engine/merge-pipeline.ts";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import type { Problem } from "../../src-core/plan/problem.ts";
import type { ExportResult } from "../api/exports.ts";

/** What is told of an export, but for where it lies. `hashes` are the output files' SHA-256. */
export function exportResult(
  plan: MergePlan,
  outcome: MergeOutcome,
  device: Pick<ExportResult, "because" | "adapter"> & { readonly kind: ExportResult["backend"] },
  found: Pick<ExportResult, "verified" | "seconds"> & { readonly hashes: readonly (string | null)[] },
): Omit<ExportResult, "out"> {
  const { kind, adapter, because } = device;
  return {
    backend: kind,
    adapter,
    because,
    seconds: found.seconds,
    bytesRead: outcome.bytesRead,
    bytesWritten: outcome.bytesWritten,
    tensors: countActions(plan),
    files: plan.output.files.map(({ name, byteLength }, index) => ({
      name,
      bytes: byteLength,
      sha256: found.hashes[index] ?? null,
    })),
    verified: found.verified,
    problems: [...plan.problems, ...nonFiniteProblems(outcome)],
  };
}

function countActions({ tensors }: MergePlan): ExportResult["tensors"] {
  const merged = tensors.filter(({ action }) => action === "merge").length;
  return { merged, copied: tensors.length - merged };
}

function nonFiniteProblems({ newNonFinite }: MergeOutcome): Problem[] {
  if (newNonFinite.length === 0) return [];
  const count = newNonFinite.reduce((sum, entry) => sum + entry.count, 0);
  const message = `${count} values became infinite or NaN in the merged model, first in ${newNonFinite[0]?.tensor}`;
  const tensors = newNonFinite.map(({ tensor }) => tensor);
  return [{ code: "output-non-finite", severity: "notice", message, tensors }];
}
