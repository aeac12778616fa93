import { EventEmitter } from "node:events";
import { z } from "zod";
import type { BackendChoice, FoundGpu } from "../../src-core/engine/protocol.ts";
import type { EngineState } from "../api/environment.ts";
import type { KnownDevices } from "../api/settings.ts";
import type { KeptJson } from "../kept/kept-json.ts";

const text = z.string().max(65_536);

/** What was found to compute with, kept so that it can be named while something else computes. */
export const knownDevicesSchema = z.strictObject({
  version: z.literal(1),
  gpu: z.strictObject({ name: text.nullable(), isFallback: z.boolean() }).nullable(),
  cpu: text.nullable(),
  auto: z.strictObject({ kind: z.enum(["gpu", "cpu"]), adapter: text, because: text }).nullable(),
});

/** What of the engine is followed. */
type FollowedEngine = EventEmitter<{ state: [EngineState]; foundGpu: [FoundGpu] }> & {
  readonly backend: BackendChoice;
};

/** Follows the engine. What cannot be kept is known until the program ends. */
export class DeviceMemory extends EventEmitter<{ news: [] }> {
  readonly #kept: KeptJson<typeof knownDevicesSchema>;
  #present: KnownDevices;

  constructor(kept: KeptJson<typeof knownDevicesSchema>, engine: FollowedEngine) {
    super();
    this.#kept = kept;
    const { gpu = null, cpu = null, auto = null } = kept.read() ?? {};
    this.#present = { gpu, cpu, auto };
    engine.on("foundGpu", ({ name, isFallback }) => this.#change({ gpu: { name, isFallback } }));
    engine.on("state", (state) => this.#follow(state, engine.backend === "auto"));
  }

  get present(): KnownDevices {
    return this.#present;
  }

  /** @param isAutomatic nobody asked for what computes */
  #follow({ status, kind, adapter, because }: EngineState, isAutomatic: boolean): void {
    if (status !== "ready" || kind === null || adapter === null) return;
    this.#change({
      ...(kind === "cpu" ? { cpu: adapter } : {}),
      ...(isAutomatic ? { auto: { kind, adapter, because: because ?? "" } } : {}),
    });
  }

  #change(change: Partial<KnownDevices>): void {
    const changed = { ...this.#present, ...change };
    if (JSON.stringify(changed) === JSON.stringify(this.#present)) return;
    this.#present = changed;
    this.#kept.write({ version: 1, ...changed });
    this.emit("news");
  }
}
