import { expect, test } from "vitest";
import { WriteGate } from "./write-gate.ts";

const patient = new AbortController().signal;

test("lets pass what lies within the window, and the rest as it is followed", async () => {
  const gate = new WriteGate(100, 50);
  const passed: number[] = [];
  let waits = 0;
  const pass = async (position: number) => {
    await gate.pass(position, patient, () => waits++);
    passed.push(position);
  };
  const all = [149, 150, 300].map(pass);
  await Promise.all(all.slice(0, 1));
  expect([passed, waits]).toEqual([[149], 2]);
  gate.followed(51);
  await all[1];
  // Late news of an earlier place takes nothing back.
  gate.followed(10);
  await pass(150);
  gate.followed(201);
  await Promise.all(all);
  expect(passed).toEqual([149, 150, 150, 300]);
});

test("whoever waits is told when there is nothing to wait for any more", async () => {
  const stop = new AbortController();
  const gate = new WriteGate(1, 0);
  const waiting = gate.pass(5, stop.signal, () => {});
  stop.abort(new Error("enough"));
  await expect(waiting).rejects.toThrow("enough");
  await expect(gate.pass(6, stop.signal, () => {})).rejects.toThrow("enough");
  await gate.pass(0, stop.signal, () => {});
});
