import { basename } from "node:path";
import { type BrowserWindow, Notification, powerSaveBlocker } from "electron";
import { shownText } from "../../src-core/checkpoint/quote.ts";
import type { JobState } from "../api/exports.ts";

const runningPhases: readonly JobState["phase"][] = ["preparing", "merging", "verifying"];
/** Above 1 the bar runs without saying how far. */
const indeterminate = 2;
const noBar = -1;

/** What the system shows and does for an export: progress in the dock or task bar, no sleep, and a word when it has ended unseen. */
export class JobAttention {
  readonly #window: () => BrowserWindow | null;
  #blocker: number | null = null;
  #notified: string | null = null;
  /** Kept, or a click on it is lost with it; the next one takes its place. */
  #notification: Notification | null = null;

  constructor(window: () => BrowserWindow | null) {
    this.#window = window;
  }

  follow(job: JobState): void {
    // While it is paused the machine may sleep.
    this.#keepAwake(runningPhases.includes(job.phase));
    const { progress, mode } = barOf(job);
    this.#window()?.setProgressBar(progress, { mode });
    if ((job.phase === "done" || job.phase === "failed") && this.#notified !== job.id) {
      this.#notified = job.id;
      this.#notify(job);
    }
  }

  #keepAwake(awake: boolean): void {
    if (awake && this.#blocker === null) this.#blocker = powerSaveBlocker.start("prevent-app-suspension");
    if (awake || this.#blocker === null) return;
    powerSaveBlocker.stop(this.#blocker);
    this.#blocker = null;
  }

  #notify(job: JobState): void {
    const window = this.#window();
    if (window?.isFocused() || !Notification.isSupported()) return;
    const notification = new Notification(noticeOf(job));
    this.#notification?.close();
    this.#notification = notification;
    notification.on("click", () => {
      const shown = this.#window();
      if (shown?.isMinimized()) shown.restore();
      shown?.show();
      shown?.focus();
    });
    notification.show();
  }
}

/** What the system's progress bar shows of a job. */
function barOf({ phase, bytesWritten, bytesToWrite }: Pick<JobState, "phase" | "bytesWritten" | "bytesToWrite">): {
  readonly progress: number;
  readonly mode: "none" | "normal" | "indeterminate" | "paused";
} {
  const fraction = bytesToWrite > 0 ? Math.min(bytesWritten / bytesToWrite, 1) : 0;
  if (phase === "merging") return { progress: fraction, mode: "normal" };
  if (phase === "paused") return { progress: fraction, mode: "paused" };
  if (runningPhases.includes(phase)) return { progress: indeterminate, mode: "indeterminate" };
  return { progress: noBar, mode: "none" };
}

function noticeOf({ phase, outputPath, failure }: JobState): { readonly title: string; readonly body: string } {
  const name = shownText(basename(outputPath));
  if (phase === "done") return { title: "Export finished", body: `${name} is written and verified` };
  return { title: "Export failed", body: `${name}: ${failure?.what ?? "it did not say why"}` };
}
