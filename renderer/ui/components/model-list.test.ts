import { expect, test } from "vitest";
import { formatDay, modelGroups } from "./model-list.ts";

const now = new Date(2026, 10, 23, 12).getTime();
const day = (year: number, month: number, date: number) => new Date(year, month - 1, date, 9).getTime();

test("dates are said as people say them", () => {
  expect(formatDay(day(2026, 11, 23), now)).toBe("today");
  expect(formatDay(day(2026, 11, 22), now)).toBe("yesterday");
  expect(formatDay(day(2026, 3, 5), now)).toBe("5 Mar");
  expect(formatDay(day(2024, 3, 5), now)).toBe("5 Mar 2024");
  expect(formatDay(day(2027, 3, 5), now)).toBe("5 Mar 2027");
});

test("the list holds what has all of the words typed, and says revisions other than main", () => {
  const model = { bytes: 13.5e9, modifiedMs: day(2026, 11, 23), problem: null };
  const listing = {
    exists: true,
    truncated: false,
    models: [
      { ...model, id: "1", name: "meta-llama/Llama-2-7b-hf", revision: "main" },
      { ...model, id: "2", name: "meta-llama/Llama-2-7b-chat-hf", revision: "08751db" },
      { ...model, id: "3", name: "Qwen/Qwen2", revision: null, bytes: 0, problem: "nothing of it was downloaded" },
    ],
  };
  const recents = [{ id: "0", name: "llama-ko", folder: "/models", missing: true }];
  const place = { saidBy: null, failure: null };
  const other = { ...model, id: "4", name: "llama-other", revision: null };
  const places = [
    { ...place, id: "hub", kind: "hugging-face" as const, folder: "/hub", listing },
    { ...place, id: "mine", kind: "folder" as const, folder: "/models", listing: { ...listing, models: [other] } },
    { ...place, id: "slow", kind: "lm-studio" as const, folder: "/lm", listing: null },
  ];
  const found = (query: string) =>
    modelGroups(recents, places, query, now).flatMap(({ lines }) => lines.map(({ id }) => id));
  expect(found("")).toEqual(["0", "1", "2", "3", "4"]);
  expect(found("LLAMA")).toEqual(["0", "1", "2", "4"]);
  expect(found("chat llama")).toEqual(["2"]);
  expect(found("nothing like it")).toEqual([]);
  const groups = modelGroups(recents, places, "", now);
  expect(groups.map(({ title }) => title)).toEqual(["Recent", "Hugging Face cache", "/models", "LM Studio"]);
  expect(groups[0]?.lines[0]?.problem).toBe("not there any more");
  expect(groups[1]?.lines.map(({ detail }) => detail)).toEqual([
    "13.5\u2009GB · today",
    "08751db · 13.5\u2009GB · today",
    "today",
  ]);
});
