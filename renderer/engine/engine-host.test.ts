import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Backend, Slot } from "../../src-core/engine/backend.ts";
import type { EngineEvent, SourceFile } from "../../src-core/engine/protocol.ts";
import { StudioError } from "../../src-core/errors.ts";
import { randomWeights } from "../../src-core/test-support/memory-files.ts";
import { type PlannedModels, plannedModels } from "../../src-core/test-support/random-plans.ts";
import { createReferenceBackend } from "../../src-core/test-support/reference-backend.ts";
import { EngineHost } from "./engine-host.ts";

const { plan, checkpoints } = fc
  .sample(plannedModels, { numRuns: 200, seed: 4 })
  .find((models) => models.plan.output.byteLength > 15_000) as PlannedModels;

let folder = "";
let sources: SourceFile[][] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "engine-host-"));
  sources = await Promise.all(
    checkpoints.map(({ files }, source) =>
      Promise.all(
        files.map(async ({ byteLength }, file) => {
          const path = join(folder, `${source}-${file}`);
          await writeFile(path, randomWeights(byteLength, source));
          return { path, byteLength, modifiedMs: (await stat(path)).mtimeMs };
        }),
      ),
    ),
  );
});

afterEach(() => rm(folder, { recursive: true, force: true }));

/** The reference, slowed down: each round of a slot takes so many milliseconds. */
function backendOf(kind: "gpu" | "cpu", milliseconds: number) {
  const backend = createReferenceBackend({ slotCount: 2, inputBytes: 4096, outputBytes: 2048, operationCount: 4 });
  const slow = (slot: Slot): Slot => ({
    prepare: () => slot.prepare(),
    measure: (operations) => slot.measure(operations),
    merge: async (operations) => {
      await new Promise((resolve) => setTimeout(resolve, milliseconds));
      return await slot.merge(operations);
    },
  });
  let destroyed = false;
  const slots = backend.slots.map(slow);
  const destroy = () => {
    destroyed = true;
  };
  const made: Backend = { ...backend, kind, adapter: `a ${kind}`, slots, destroy };
  return { made, isDestroyed: () => destroyed };
}

async function tryBoth(gpu: Backend, openRival: () => Promise<Backend>): Promise<EngineEvent[]> {
  const events: EngineEvent[] = [];
  let tell: () => void = () => {};
  const host = new EngineHost(
    (event) => {
      events.push(event);
      tell();
    },
    async () => ({ backend: gpu, fallback: false, because: "it is this machine's GPU", openRival }),
  );
  const until = async (type: EngineEvent["type"]) => {
    while (!events.some((event) => event.type === type)) await new Promise<void>((resolve) => (tell = resolve));
  };
  host.receive({ type: "start", backend: "auto" });
  await until("ready");
  host.receive({ type: "try", job: "a", work: { pass: "merge", plan }, sources });
  await until("tried");
  return events;
}

describe("an engine that nobody told what is to compute", () => {
  test("takes the CPU where that is faster, and says so", async () => {
    const [gpu, cpu] = [backendOf("gpu", 30), backendOf("cpu", 1)];
    const events = await tryBoth(gpu.made, async () => cpu.made);
    expect(events.at(-2)).toMatchObject({
      type: "ready",
      kind: "cpu",
      because: expect.stringMatching(/^it took these files \d+\.\d times as fast as a gpu$/),
    });
    expect([gpu.isDestroyed(), cpu.isDestroyed()]).toEqual([true, false]);
  });

  test("stays with the GPU where that is faster, and says so", async () => {
    const [gpu, cpu] = [backendOf("gpu", 1), backendOf("cpu", 30)];
    const events = await tryBoth(gpu.made, async () => cpu.made);
    expect(events.at(-2)).toMatchObject({ type: "ready", kind: "gpu", because: expect.stringContaining("as a cpu") });
    expect([gpu.isDestroyed(), cpu.isDestroyed()]).toEqual([false, true]);
  });

  test("stays with the GPU where the CPU does not start", async () => {
    const events = await tryBoth(backendOf("gpu", 1).made, () => Promise.reject(new Error("no shared memory")));
    expect(events.at(-2)).toMatchObject({ type: "ready", kind: "gpu", because: "it is this machine's GPU" });
  });
});

test("a device that is lost is told of at once, and nothing computes on it any more", async () => {
  const { made } = backendOf("gpu", 1);
  let lose: (error: Error) => void = () => {};
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  const events: EngineEvent[] = [];
  let tell: () => void = () => {};
  const host = new EngineHost(
    (event) => {
      events.push(event);
      tell();
    },
    async () => ({ backend: { ...made, lost }, fallback: false, because: "it is there" }),
  );
  const until = async (count: number) => {
    while (events.length < count) await new Promise<void>((resolve) => (tell = resolve));
  };
  host.receive({ type: "start", backend: "gpu" });
  await until(1);
  lose(new StudioError({ code: "device-lost", what: "The GPU is gone" }));
  await until(2);
  expect(events[1]).toEqual({ type: "unavailable", failure: { code: "device-lost", what: "The GPU is gone" } });
  host.receive({
    type: "merge",
    job: "a",
    plan,
    sources,
    outputPaths: [],
    journalPath: null,
    done: [],
    followedBytes: null,
  });
  await until(3);
  expect(events[2]).toMatchObject({ type: "failed", job: "a", failure: { code: "device-missing" } });
});

test("what runs rests for a moment when it is told to", async () => {
  const { made } = backendOf("cpu", 1);
  const times: number[] = [];
  let tell: () => void = () => {};
  const host = new EngineHost(
    (event) => {
      if (event.type === "ready" || event.type === "merged") times.push(performance.now());
      tell();
    },
    async () => ({ backend: made, fallback: false, because: "it is there" }),
  );
  const until = async (count: number) => {
    while (times.length < count) await new Promise<void>((resolve) => (tell = resolve));
  };
  host.receive({ type: "start", backend: "cpu" });
  await until(1);
  const outputPaths = plan.output.files.map(({ name }) => join(folder, name));
  for (const { name, byteLength } of plan.output.files) await writeFile(join(folder, name), new Uint8Array(byteLength));
  const merge = (job: string) =>
    host.receive({ type: "merge", job, plan, sources, outputPaths, journalPath: null, done: [], followedBytes: null });
  merge("a");
  await until(2);
  const startedAt = performance.now();
  host.receive({ type: "rest" });
  merge("b");
  await until(3);
  expect((times[2] ?? 0) - startedAt).toBeGreaterThan(149);
});
