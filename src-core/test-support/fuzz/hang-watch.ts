import { Worker } from "node:worker_threads";

const hangMilliseconds = 20_000;

/**
 * Ends the process, naming the case, when one goes on for 20 s: a parser that hangs cannot be interrupted from its own thread,
 * and nobody would learn which case it was.
 */
export class HangWatch {
  /** Number of the case, and whether one runs. */
  readonly #state = new Float64Array(new SharedArrayBuffer(16));
  readonly #worker: Worker;

  constructor(name: string) {
    this.#worker = new Worker(watching, {
      eval: true,
      workerData: { state: this.#state, name, milliseconds: hangMilliseconds, pid: process.pid },
    });
    this.#worker.unref();
  }

  begin(seed: number): void {
    this.#state[0] = seed;
    this.#state[1] = 1;
  }

  end(): void {
    this.#state[1] = 0;
  }

  async stop(): Promise<void> {
    await this.#worker.terminate();
  }
}

const watching = `
const { workerData } = require("node:worker_threads");
const { writeSync } = require("node:fs");
const { state, name, milliseconds, pid } = workerData;
let seed = -1;
let since = Date.now();
setInterval(() => {
  if (state[1] === 0 || state[0] !== seed) {
    seed = state[0];
    since = Date.now();
  } else if (Date.now() - since > milliseconds) {
    writeSync(2, "fuzzing " + name + ": the case of seed " + seed + " hangs\\n");
    process.kill(pid, "SIGKILL");
  }
}, 250);
`;
