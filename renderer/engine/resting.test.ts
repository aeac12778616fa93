import { expect, test } from "vitest";
import { Resting } from "./resting.ts";

/** Time that passes where it is waited for. */
class Clock {
  milliseconds = 1000;

  now(): number {
    return this.milliseconds;
  }

  async wait(milliseconds: number): Promise<void> {
    this.milliseconds += milliseconds;
  }
}

test("nothing rests that nobody told to", () => {
  expect(new Resting(new Clock()).over()).toBeNull();
});

test("a rest ends by itself, and begins again when it is told to", async () => {
  const clock = new Clock();
  const resting = new Resting(clock);
  for (const start of [1000, 1500]) {
    clock.milliseconds = start;
    resting.rest();
    await resting.over();
    expect(clock.milliseconds - start).toBe(150);
    expect(resting.over()).toBeNull();
  }
});

test("whoever waits waits for what is added meanwhile", async () => {
  const clock = new Clock();
  const resting = new Resting({
    now: () => clock.milliseconds,
    wait: async (milliseconds) => {
      if (clock.milliseconds === 1000) {
        clock.milliseconds = 1100;
        resting.rest();
      } else await clock.wait(milliseconds);
    },
  });
  resting.rest();
  await resting.over();
  expect(clock.milliseconds).toBe(1250);
});

test("however often it is told, a fifth of the time is left to work", () => {
  let now = 1000;
  const resting = new Resting({ now: () => now, wait: () => new Promise(() => {}) });
  let worked = 0;
  for (; now < 11_000; now += 10) {
    resting.rest();
    if (resting.over() === null) worked += 10;
  }
  expect(worked / 10_000).toBeGreaterThan(0.19);
  expect(worked / 10_000).toBeLessThan(0.25);
});
