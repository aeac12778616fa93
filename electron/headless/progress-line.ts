import type { MergeProgress } from "../../src-core/engine/merge-pipeline.ts";
import { Throughput } from "../engine/throughput.ts";
import { drawError, isErrorTerminal } from "./output.ts";
import { formatCount } from "./text.ts";

/** A progress bar on a terminal's stderr; elsewhere a line for each phase. */
export class ProgressLine {
  readonly #totals: { readonly bytesToRead: number; readonly bytesToWrite: number };
  readonly #throughput = new Throughput();
  /** A checkout's launcher stands between this and the terminal, and says so. */
  readonly #terminal = isErrorTerminal() || process.env.CHAT_VECTOR_TERMINAL_COLUMNS !== undefined;

  constructor(bytesToRead: number, bytesToWrite: number) {
    this.#totals = { bytesToRead, bytesToWrite };
  }

  phase(phase: string): void {
    if (this.#terminal) this.#draw(phase);
    else drawError(`${phase}\n`);
  }

  progress(progress: MergeProgress): void {
    if (!this.#terminal) return;
    const { bytesPerSecond, secondsLeft } = this.#throughput.next(progress, this.#totals, performance.now());
    const total = this.#totals.bytesToRead + this.#totals.bytesToWrite;
    const done = total === 0 ? 1 : (progress.bytesRead + progress.bytesWritten) / total;
    const filled = Math.round(done * 30);
    const bar = "█".repeat(filled) + "░".repeat(30 - filled);
    const speed = bytesPerSecond === null ? "" : `  ${formatCount(Math.round(bytesPerSecond))}B/s`;
    const left = secondsLeft === null ? "" : `  ${Math.ceil(secondsLeft)} s left`;
    this.#draw(`${bar} ${Math.round(done * 100)} %${speed}${left}`);
  }

  end(): void {
    if (this.#terminal) drawError("\r\x1b[K");
  }

  #draw(text: string): void {
    drawError(`\r\x1b[K${text}`);
  }
}
