import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { recipeSchema } from "../../src-core/recipe/recipe.ts";
import { Catalog } from "../checkpoints/catalog.ts";
import { attemptExport, writeModels } from "./export-attempts.fixture.ts";
import { refuseClashes } from "./output-limits.ts";
import { preflight, writtenNames } from "./preflight.ts";
import { prepareSideFiles } from "./side-files.ts";

let root = "";
const catalog = new Catalog();

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "preflight-"));
  await writeModels(root);
  for (const name of ["LICENSE", "License", "tokenizer_config.json"]) await writeFile(join(root, "target", name), "{}");
});

afterAll(async () => {
  catalog.closeAll();
  await rm(root, { recursive: true, force: true });
});

async function planned() {
  const id = async (role: string) => (await catalog.open(join(root, role))).id;
  const output = { shardBytes: 5_000 };
  return catalog.plan(
    recipeSchema.parse({
      target: await id("target"),
      vectors: [{ chat: await id("chat"), base: await id("base") }],
      output,
    }),
  );
}

test("knows every name that an export writes", async () => {
  const plan = await planned();
  const names = writtenNames(plan, await prepareSideFiles(plan, catalog));
  const out = join(root, "out");
  await attemptExport(root, out);
  // The figure is written where models were measured.
  expect(names.filter((name) => name !== "chat-vector-norms.svg").sort()).toEqual((await readdir(out)).sort());
});

test.skipIf(process.platform !== "linux")("refuses names that are one where capital letters do not count", async () => {
  const plan = await planned();
  const names = writtenNames(plan, await prepareSideFiles(plan, catalog));
  expect(() => refuseClashes(names, root)).toThrow(/LICENSE and License/);
  // Here they do.
  await expect(preflight({ plan, outputPath: join(root, "new"), overwrite: false }, catalog)).resolves.toEqual([]);
  expect(await readdir(root)).not.toContain("new");
});
