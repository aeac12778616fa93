import { basename } from "node:path";
import { type Checkpoint, elementCount, parameterCount } from "../../src-core/checkpoint/checkpoint.ts";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import { plannedReadBytes } from "../../src-core/engine/planned-bytes.ts";
import type { ChatTokenOutlook } from "../../src-core/plan/chat-token-outlook.ts";
import type { MergePlan, PlannedTensor } from "../../src-core/plan/merge-plan.ts";
import { isExecutable } from "../../src-core/plan/plan-merge.ts";
import type { CheckpointSummary } from "../api/models.ts";
import type { PlanRow, PlanSummary } from "../api/plan.ts";
import type { CatalogEntry } from "../checkpoints/catalog.ts";
import { readKinship } from "./read-kinship.ts";

/** What a card shows of an opened model. */
export async function summarizeModel(entry: CatalogEntry): Promise<CheckpointSummary> {
  return { ...summarizeCheckpoint(entry.id, entry.checkpoint), kinship: await readKinship(entry) };
}

function summarizeCheckpoint(id: string, checkpoint: Checkpoint): Omit<CheckpointSummary, "kinship"> {
  const byDtype = new Map<string, number>();
  for (const { dtype, shape } of checkpoint.tensors) {
    byDtype.set(dtype, (byDtype.get(dtype) ?? 0) + elementCount(shape));
  }
  const dtypes = [...byDtype].map(([dtype, parameters]) => ({ dtype, parameters }));
  return {
    id,
    name: shownText(basename(checkpoint.path)),
    path: shownText(checkpoint.path),
    architecture: checkpoint.config?.architecture ?? null,
    parameters: parameterCount(checkpoint),
    dtypes: dtypes.sort((a, b) => b.parameters - a.parameters),
    bytes: checkpoint.files.reduce((sum, { byteLength }) => sum + byteLength, 0),
    vocabularySize: checkpoint.config?.vocabularySize ?? null,
    layerCount: checkpoint.config?.layerCount ?? null,
    hiddenSize: checkpoint.config?.hiddenSize ?? null,
    fileCount: checkpoint.files.length,
    tensorCount: checkpoint.tensors.length,
  };
}

export function summarizePlan(plan: MergePlan, chatTokens: ChatTokenOutlook): PlanSummary {
  return {
    chatTokens,
    rows: plan.tensors.map(planRow),
    problems: plan.problems,
    exportable: isExecutable(plan),
    mergedCount: plan.tensors.filter(({ action }) => action === "merge").length,
    copiedCount: plan.tensors.filter(({ action }) => action === "copy").length,
    bytesRead: plannedReadBytes(plan),
    bytesWritten: plan.output.byteLength,
    fileCount: plan.output.files.length,
  };
}

function planRow(tensor: PlannedTensor): PlanRow {
  return {
    name: tensor.name,
    shape: tensor.shape,
    layer: tensor.layer,
    action: tensor.action,
    reason: tensor.reason,
    scale: tensor.spans.find(({ vectors }) => vectors.length > 0)?.vectors[0]?.scale ?? null,
    inputDtype: tensor.target.encoded?.dtype ?? tensor.target.dtype,
    outputDtype: tensor.output.dtype,
    byteLength: tensor.output.byteLength,
  };
}
