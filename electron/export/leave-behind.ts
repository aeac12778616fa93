import { StudioError } from "../../src-core/errors.ts";
import { Interruption } from "../engine/interruption.ts";
import type { ExportWorkspace } from "./export-workspace.ts";

/** Keeps what can be gone on with, and says so; removes the rest. Returns the error to throw. */
export async function leaveBehind(workspace: ExportWorkspace, error: unknown): Promise<unknown> {
  // One that cannot be read is on a disk that is gone, and comes back with it.
  const hasWritten = await workspace.journal().then(
    ({ done }) => done.length > 0,
    () => true,
  );
  if (!hasWritten || !isWorthKeeping(error)) {
    await workspace.discard().catch(() => undefined);
    return error;
  }
  const said = error instanceof StudioError ? error.failure : null;
  // Else: should the machine be switched off before it goes on. What failed may well fail this too.
  const keep = said?.code === "write-failed" ? workspace.distrust() : workspace.sync();
  await keep.catch(() => undefined);
  await workspace.release().catch(() => undefined);
  if (said === null) return error;
  const advice = [said.advice, "What was written is kept: go on with it by Resume, or --resume on the command line"];
  return new StudioError({ ...said, advice: advice.filter(Boolean).join(". ") }, { cause: error });
}

function isWorthKeeping(error: unknown): boolean {
  if (error instanceof Interruption) return error.keepsWritten;
  // What was written is wrong, or of models that are no more.
  return !(error instanceof StudioError && ["verification-failed", "checkpoint-changed"].includes(error.failure.code));
}
