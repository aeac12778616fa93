import { expect, it } from "vitest";
import { allActions } from "../actions/all-actions.ts";
import { createStudioStore } from "../store/studio-store.ts";
import { createFakeStudio } from "../store/testing/fake-studio.ts";
import { findCommands } from "./command-search.ts";

const state = createStudioStore(createFakeStudio()).getState();
const found = (search: string) => findCommands(allActions, search, state).map(({ label }) => label);

it("finds commands by the beginnings of words in any order, first those that say so themselves", () => {
  expect(found("rec op")[0]).toBe("Open recipe…");
  expect(found("yaml")).toContain("Open recipe…");
  expect(found("lambda fl")[0]).toBe("λ by layer: flat");
  expect(found("λ ramp up")).toEqual(["λ by layer: ramp up"]);
  expect(found("xyz")).toEqual([]);
});

it("lists all without a word, those that cannot be done now last", () => {
  const all = findCommands(allActions, " ", state);
  expect(all).toHaveLength(allActions.length);
  const enabled = all.map((command) => command.enabled);
  expect(enabled).toEqual([...enabled].sort((one, other) => Number(other) - Number(one)));
});
