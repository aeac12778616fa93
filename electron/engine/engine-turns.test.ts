import { expect, test } from "vitest";
import type { WaitsFor } from "../api/exports.ts";
import { EngineTurns, type EngineWork } from "./engine-turns.ts";

interface Watched {
  readonly work: EngineWork;
  readonly waits: WaitsFor[];
  end(how?: "over" | "again"): void;
}

function watched(kind: EngineWork["kind"], owner: { name: string }, runs: string[]): Watched {
  const waits: WaitsFor[] = [];
  let end: (how: "over" | "again") => void = () => {};
  const work: EngineWork = {
    kind,
    owner,
    run: () => {
      runs.push(`${owner.name} ${kind}`);
      return new Promise((resolve) => {
        end = resolve;
      });
    },
    interrupt: () => end("again"),
    onWaiting: (waitsFor) => waits.push(waitsFor),
  };
  return { work, waits, end: (how = "over") => end(how) };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));
const [a, b] = [{ name: "a" }, { name: "b" }];

test("work runs one at a time, in the order it was asked for, and is told what it waits for", async () => {
  const turns = new EngineTurns();
  const runs: string[] = [];
  const first = watched("export", a, runs);
  const second = watched("export", b, runs);
  const third = watched("measuring", a, runs);
  for (const { work } of [first, second, third]) turns.ask(work);
  turns.ask(second.work);
  expect(runs).toEqual(["a export"]);
  expect(second.waits.at(-1)).toEqual({ work: "export", window: "a" });
  expect(third.waits.at(-1)).toEqual({ work: "export", window: null });
  first.end();
  await settled();
  expect(runs).toEqual(["a export", "b export"]);
  expect(third.waits.at(-1)).toEqual({ work: "export", window: "b" });
  second.end();
  await settled();
  expect(runs).toEqual(["a export", "b export", "a measuring"]);
});

test("an export interrupts measuring, which goes on before other measuring", async () => {
  const turns = new EngineTurns();
  const runs: string[] = [];
  const measuring = watched("measuring", a, runs);
  const other = watched("measuring", b, runs);
  const job = watched("export", b, runs);
  turns.ask(measuring.work);
  turns.ask(other.work);
  turns.ask(job.work);
  await settled();
  expect(runs).toEqual(["a measuring", "b export"]);
  // It was a matter of a moment, and said to nobody.
  expect(job.waits).toEqual([]);
  expect(measuring.waits.at(-1)).toEqual({ work: "export", window: "b" });
  job.end();
  await settled();
  measuring.end();
  await settled();
  expect(runs).toEqual(["a measuring", "b export", "a measuring", "b measuring"]);
});

test("what is withdrawn does not run", async () => {
  const turns = new EngineTurns();
  const runs: string[] = [];
  const first = watched("export", a, runs);
  const second = watched("export", b, runs);
  turns.ask(first.work);
  turns.ask(second.work);
  expect(turns.withdraw(first.work)).toBe(false);
  expect(turns.withdraw(second.work)).toBe(true);
  first.end();
  await settled();
  expect(runs).toEqual(["a export"]);
});
