import type { EngineState } from "../../electron/api/environment.ts";
import type { MergeEngine } from "../../electron/export/merge-run.ts";
import { mergeFiles } from "../../renderer/engine/merge-files.ts";
import { OpenFiles } from "../../renderer/engine/open-files.ts";
import { WriteGate } from "../engine/write-gate.ts";
import { failureOf, StudioError } from "../errors.ts";
import { journalSyncSeconds } from "../limits.ts";
import { createReferenceBackend } from "./reference-backend.ts";

/** What goes wrong in an engine: each is called before what it is named for, and may throw. */
export interface EngineFaults {
  /** `write` writes what it is given where it belongs: a fault may write less than all. */
  readonly onWrite?: (bytes: Uint8Array, write: (bytes: Uint8Array) => Promise<void>) => Promise<void>;
  readonly onRead?: () => Promise<void>;
}

const slots = { slotCount: 3, inputBytes: 2048, outputBytes: 1024, operationCount: 4 };

/** The engine of an export in this process: real files, real journal, and the reference for compute. */
export class InProcessEngine implements MergeEngine {
  backend: MergeEngine["backend"] = "cpu";
  adapter = "reference";
  kind: "cpu" | "gpu" = "cpu";
  faults: EngineFaults = {};
  starts = 0;
  insistedOn: "cpu" | "gpu" | null = null;
  syncSeconds = journalSyncSeconds;
  readonly #backend;

  /** Bytes that may be in flight at once: what a death costs. */
  static readonly bytesInFlight = slots.slotCount * slots.outputBytes;

  /** As small as may be, so that writing waits for what follows it. */
  static readonly windowBytes = InProcessEngine.bytesInFlight + 2 ** 22;

  /** @param slotScale times as much in flight as usual */
  constructor(slotScale = 1) {
    const { inputBytes, outputBytes } = slots;
    const larger = { inputBytes: inputBytes * slotScale, outputBytes: outputBytes * slotScale };
    this.#backend = createReferenceBackend({ ...slots, ...larger });
  }

  insistOn(kind: "cpu" | "gpu"): void {
    this.insistedOn = kind;
  }

  /** There is one. */
  async tryBackends(): Promise<void> {}

  async ready(): Promise<EngineState> {
    const { kind, adapter } = this;
    return { status: "ready", kind, adapter, fallback: false, because: "it is a test", failure: null };
  }

  async merge(...[command, { signal, followed, ...news }]: Parameters<MergeEngine["merge"]>) {
    this.starts++;
    const gate = new WriteGate(InProcessEngine.windowBytes, followed.bytes);
    const stopTelling = followed.listen((bytes) => gate.followed(bytes));
    const files = new OpenFiles();
    const { onWrite, onRead } = this.faults;
    try {
      return await mergeFiles(
        { type: "merge", ...command, followedBytes: followed.bytes },
        {
          backend: this.#backend,
          source: (source) => ({
            name: source.name,
            byteLength: source.byteLength,
            readInto: async (destination, byteOffset) => {
              await onRead?.();
              await source.readInto(destination, byteOffset);
            },
          }),
          sink: (sink) => ({
            write: async (bytes, byteOffset) => {
              const write = (part: Uint8Array) => sink.write(part, byteOffset);
              await (onWrite === undefined ? write(bytes) : onWrite(bytes, write));
            },
          }),
        },
        files,
        { signal, gate, syncSeconds: this.syncSeconds, ...news },
      );
    } catch (error) {
      // As it comes out of another process.
      throw new StudioError(failureOf(error, "device-failed"), { cause: error });
    } finally {
      stopTelling();
      await files.close();
    }
  }
}
