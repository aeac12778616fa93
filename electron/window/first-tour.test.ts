import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { KeptJson } from "../kept/kept-json.ts";
import { takeFirstTour, tourSchema } from "./first-tour.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "first-tour-"));
});

afterEach(() => rm(folder, { recursive: true, force: true }));

const kept = () => new KeptJson(join(folder, "tour.json"), tourSchema);

it("comes once, and is remembered from one start to the next", async () => {
  expect(takeFirstTour(kept())).toBe(true);
  expect(takeFirstTour(kept())).toBe(false);
  expect(JSON.parse(await readFile(join(folder, "tour.json"), "utf8"))).toEqual({ version: 1, shown: true });
});

it("does not come where its file says that it was shown, and comes where the file is damaged", async () => {
  await writeFile(join(folder, "tour.json"), '{"version": 1, "shown": true}');
  expect(takeFirstTour(kept())).toBe(false);
  await writeFile(join(folder, "tour.json"), "{");
  expect(takeFirstTour(kept())).toBe(true);
});
