import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { mayLeadTo } from "./link-rules.ts";

const models = resolve("/data/models");
const entry = resolve("/cache/hub/models--org--name");

test.each([
  ["into the folder itself", join(models, "llama"), join(models, "llama", "a.safetensors")],
  ["into a folder in it whose name begins with dots", join(models, "llama"), join(models, "llama", "..a", "b")],
  ["into the same entry of a cache", join(entry, "snapshots", "1a"), join(entry, "snapshots", "2b", "a.safetensors")],
  ["into blobs that models share", join(models, "llama"), resolve("/store/blobs/sha256-1")],
])("a link may lead %s", (_, folder, target) => {
  expect(mayLeadTo(folder, target)).toBe(true);
});

test.each([
  ["to the folder itself", join(models, "llama"), join(models, "llama")],
  ["to the folder around it", join(models, "llama"), models],
  ["to a folder whose name begins as its own", join(models, "llama"), join(models, "llama-private", "a")],
  ["elsewhere", join(models, "llama"), resolve("/etc/passwd")],
  ["to another entry of a cache", join(entry, "snapshots", "1a"), resolve("/cache/hub/models--org--other/a")],
  ["to a file that is only called blobs", join(models, "llama"), resolve("/home/person/blobs")],
])("a link may not lead %s", (_, folder, target) => {
  expect(mayLeadTo(folder, target)).toBe(false);
});
