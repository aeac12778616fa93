import { expect, test } from "vitest";
import { FilePace } from "./file-pace.ts";

test("threads read their files themselves until that is slow, then now and then, and again once it is fast", () => {
  const pace = new FilePace();
  expect(pace.next()).toBe(true);
  pace.note(16e6, 2);
  expect(pace.next()).toBe(true);
  pace.note(16e6, 40);
  const answers = Array.from({ length: 100 }, () => pace.next());
  expect(answers.filter((answer) => answer)).toHaveLength(3);
  expect(answers.slice(0, 20)).not.toContain(true);
  pace.note(16e6, 2);
  expect(pace.next()).toBe(true);
});
