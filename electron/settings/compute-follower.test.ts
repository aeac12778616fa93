import { beforeEach, expect, test } from "vitest";
import type { BackendChoice } from "../../src-core/engine/protocol.ts";
import { EngineTurns, type EngineWork } from "../engine/engine-turns.ts";
import { ComputeFollower } from "./compute-follower.ts";

let happened: string[];
let wanted: BackendChoice;
let turns: EngineTurns;
let follower: ComputeFollower;

beforeEach(() => {
  happened = [];
  wanted = "auto";
  turns = new EngineTurns();
  follower = new ComputeFollower({ choose: (backend) => void happened.push(backend) }, turns, () => wanted);
});

/** Work that runs until it is ended, or interrupted. */
function work(kind: EngineWork["kind"]) {
  let end: (how: "over" | "again") => void = () => {};
  const asked: EngineWork = {
    kind,
    owner: { name: "a window" },
    run: () => {
      happened.push(`${kind} runs`);
      return new Promise((resolve) => {
        end = resolve;
      });
    },
    interrupt: () => end("again"),
    onWaiting: () => {},
  };
  turns.ask(asked);
  return () => end("over");
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

test("what computes changes at once where nothing runs, and only where something else is wanted", async () => {
  follower.follow();
  expect(happened).toEqual([]);
  wanted = "cpu";
  follower.follow();
  follower.follow();
  await settled();
  expect(happened).toEqual(["cpu"]);
});

test("measuring gives way to the change and goes on after it", async () => {
  work("measuring");
  wanted = "gpu";
  follower.follow();
  await settled();
  expect(happened).toEqual(["measuring runs", "gpu", "measuring runs"]);
});

test("an export keeps what computes it: the change holds after it, as it is wanted then", async () => {
  const endExport = work("export");
  wanted = "gpu";
  follower.follow();
  wanted = "cpu";
  follower.follow();
  await settled();
  expect(happened).toEqual(["export runs"]);
  endExport();
  await settled();
  expect(happened).toEqual(["export runs", "cpu"]);
});
