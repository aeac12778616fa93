import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCli } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

interface TraceEvent {
  readonly ph: string;
  readonly name: string;
  readonly tid: number;
  readonly ts: number;
  readonly dur: number;
  readonly args: { readonly bytes?: number };
}

/** Chrome's array format may end after any event: without the closing bracket. */
async function readSpans(path: string): Promise<TraceEvent[]> {
  const text = await readFile(path, "utf8");
  const events: TraceEvent[] = JSON.parse(`${text.trimEnd().replace(/,$/, "")}]`);
  return events.filter(({ ph }) => ph === "X");
}

function bytesOf(spans: readonly TraceEvent[], name: string): number {
  return spans.reduce((sum, span) => sum + (span.name === name ? (span.args.bytes ?? 0) : 0), 0);
}

for (const command of ["merge", "measure"]) {
  test(`--trace of ${command} has every byte that was read and written`, async ({ folder, samples }) => {
    const path = join(folder, "trace.json");
    const models = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target];
    const out = command === "merge" ? ["--out", join(folder, "out")] : [];
    const { code, stdout } = await runCli([command, ...models, ...out, "--trace", path, "--json"]);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    const spans = await readSpans(path);
    // Reads that lie near each other are one, with what lies between.
    const bytesRead = bytesOf(spans, "read") + bytesOf(spans, "measure") + bytesOf(spans, "merge");
    expect(bytesRead).toBeGreaterThanOrEqual(result.bytesRead);
    expect(bytesRead).toBeLessThan(1.1 * result.bytesRead);
    expect(bytesOf(spans, "write")).toBe(result.bytesWritten ?? 0);
    expect(spans.some(({ name }) => name === command)).toBe(true);
    if (command === "merge") expectExportSpans(spans, result);
    for (const lane of byLane(spans).values()) {
      lane.sort((a, b) => a.ts - b.ts);
      // Rounded to microseconds, each end by itself.
      for (const [index, span] of lane.entries()) expect(span.ts + 1).toBeGreaterThanOrEqual(endOf(lane[index - 1]));
    }
  });
}

/** What main does around the engine's work, by the same clock. */
function expectExportSpans(spans: readonly TraceEvent[], { files }: { files: readonly { bytes: number }[] }): void {
  const first = (name: string) => {
    const span = spans.find((each) => each.name === name);
    if (span === undefined) throw new Error(`no ${name}`);
    return span;
  };
  for (const [before, after] of [
    ["lay out", "merge"],
    ["write", "headers"],
    ["headers", "sync"],
    ["sync", "record"],
    ["record", "name"],
  ] as const) {
    expect(endOf(first(before)), `${before}, then ${after}`).toBeLessThanOrEqual(first(after).ts + 20_000);
  }
  const whole = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const followed = bytesOf(spans, "follow");
  // But for the headers, which are written last.
  expect(followed).toBeLessThan(whole);
  expect(followed).toBeGreaterThan(0.9 * whole);
}

test("a trace that cannot be written is an error, and leaves no output", async ({ folder, samples }) => {
  const models = ["--base", samples.base, "--chat", samples.chat, "--target", samples.target];
  const trace = join(folder, "missing", "trace.json");
  const { code, stderr } = await runCli(["merge", ...models, "--out", join(folder, "out"), "--trace", trace]);
  expect(code).toBe(5);
  expect(stderr).toContain(trace);
});

function byLane(spans: readonly TraceEvent[]): Map<number, TraceEvent[]> {
  const lanes = new Map<number, TraceEvent[]>();
  for (const span of spans) lanes.set(span.tid, [...(lanes.get(span.tid) ?? []), span]);
  return lanes;
}

function endOf(span: TraceEvent | undefined): number {
  return span === undefined ? 0 : span.ts + span.dur;
}
