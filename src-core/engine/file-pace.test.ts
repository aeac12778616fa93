import { expect, test } from "vitest";
import { FilePace } from "./file-pace.ts";

const isFast = (pace: FilePace) => pace.note(16e6, 2);
const isSlow = (pace: FilePace) => pace.note(16e6, 40);

test("threads read their files themselves until that is slow, then now and then, and again once it is fast", () => {
  const pace = new FilePace();
  expect(pace.next()).toBe(true);
  isFast(pace);
  for (let round = 0; round < 4; round++) {
    expect(pace.next()).toBe(true);
    isSlow(pace);
  }
  const answers = Array.from({ length: 100 }, () => pace.next());
  expect(answers.filter((answer) => answer)).toHaveLength(3);
  expect(answers.slice(0, 20)).not.toContain(true);
  isFast(pace);
  expect(pace.next()).toBe(true);
});

test("a round that was slow by itself changes nothing", () => {
  const pace = new FilePace();
  for (let round = 0; round < 20; round++) {
    expect(pace.next()).toBe(true);
    if (round % 3 === 0) isFast(pace);
    else isSlow(pace);
  }
});
