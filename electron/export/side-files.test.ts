import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { MergePlan } from "../../src-core/plan/merge-plan.ts";
import { type RecipeInput, recipeSchema, vocabularyPolicies } from "../../src-core/recipe/recipe.ts";
import { modelFolders, type TokenizerKind, tokenizerKinds } from "../../src-core/test-support/model-folders.ts";
import { checkModelFolder } from "../../src-core/vocabulary/folder-check.ts";
import type { Roles } from "../../src-core/vocabulary/match-rows.ts";
import { readVocabulary } from "../../src-core/vocabulary/read-vocabulary.ts";
import { rowOfToken } from "../../src-core/vocabulary/vocabulary.ts";
import { Catalog } from "../checkpoints/catalog.ts";
import { prepareSideFiles, writeSideFiles } from "./side-files.ts";

const folder = mkdtempSync(join(tmpdir(), "side-files-"));
const roles = ["target", "chat", "base"] as const;
let caseCount = 0;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const untied = { target: false, chat: false, base: false };
const unpadded = { target: 0, chat: 0, base: 0 };

interface Exported {
  readonly path: string;
  readonly plan: MergePlan;
  readonly messages: readonly string[];
  json(name: string): Record<string, unknown>;
}

/** Plans a merge of three folders and writes what travels with the weights, which are left to the engine's tests. */
async function exportFolder(
  models: Roles<Readonly<Record<string, string | Uint8Array>>>,
  wish: Partial<RecipeInput> = {},
): Promise<Exported> {
  const at = join(folder, String(caseCount++));
  for (const role of roles) {
    mkdirSync(join(at, role), { recursive: true });
    for (const [name, contents] of Object.entries(models[role])) writeFileSync(join(at, role, name), contents);
  }
  const catalog = new Catalog();
  try {
    const [target, chat, base] = await Promise.all(roles.map(async (role) => (await catalog.open(join(at, role))).id));
    const plan = catalog.plan(recipeSchema.parse({ target, vectors: [{ chat, base }], ...wish }));
    const path = join(at, "out");
    mkdirSync(path);
    const sideFiles = await prepareSideFiles(plan, catalog);
    await writeSideFiles(sideFiles, path);
    for (const { name } of plan.output.files) writeFileSync(join(path, name), "");
    const messages = [...plan.problems, ...sideFiles.problems].map(({ code, message }) => `${code}: ${message}`);
    const json = (name: string) => JSON.parse(readFileSync(join(path, name), "utf8"));
    return { path, plan, messages, json };
  } finally {
    catalog.closeAll();
  }
}

async function findingsOf({ path, plan }: Exported): Promise<string[]> {
  const names = readdirSync(path);
  const small = names.filter((name) => !name.endsWith(".safetensors"));
  const found = await checkModelFolder({
    path,
    names,
    files: new Map(small.map((name) => [name, readFileSync(join(path, name))])),
    vocabularyTensors: plan.tensors
      .filter(({ name }) => /embed_tokens|lm_head/.test(name))
      .map(({ name, shape }) => ({ name, role: name.includes("lm_head") ? "head" : "embedding", shape })),
    layerCount: 1,
  });
  return found.map(({ file, what, expected, actual }) => `${file}: ${what}; ${expected}, ${actual}`);
}

async function vocabularyOf({ path }: Exported) {
  const names = readdirSync(path).filter((name) => !name.endsWith(".safetensors"));
  const read = async (name: string) => readFileSync(join(path, name));
  const vocabulary = await readVocabulary({ path, list: async () => names, read });
  if (vocabulary === null) throw new Error("no vocabulary");
  return vocabulary;
}

const choices: readonly [string, NonNullable<RecipeInput["output"]>["chatTokens"]][] = [
  ["no chat tokens", []],
  ["new rows", ["<|im_start|>", "<|im_end|>"]],
  ["an unused row", [{ token: "<|im_end|>", replaces: "<unused0>" }, "<|im_start|>"]],
];
const cases = tokenizerKinds.flatMap((kind) =>
  vocabularyPolicies.flatMap((policy) =>
    [false, true].flatMap((tied) => choices.map(([name, chatTokens]) => ({ kind, policy, tied, name, chatTokens }))),
  ),
);

describe("what is exported can be loaded", () => {
  test.each(cases)("$kind, $policy, tied $tied, $name", async ({ kind, policy, tied, chatTokens = [] }) => {
    const padding = { target: tied ? 1 : 0, chat: 3, base: 0 };
    const models = modelFolders(kind, { target: tied, chat: tied, base: !tied }, padding);
    const exported = await exportFolder(models, { vocabulary: policy, output: { chatTokens } });
    expect(exported.plan.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(await findingsOf(exported)).toEqual([]);
    const vocabulary = await vocabularyOf(exported);
    for (const { token, targetRow } of exported.plan.chatTokens) expect(rowOfToken(vocabulary, token)).toBe(targetRow);
    expect(exported.plan.chatTokens).toHaveLength(chatTokens.length);
    expect(exported.json("config.json").vocab_size).toBe(exported.plan.tensors[0]?.shape[0]);
    const end = chatTokens.length > 0 ? "<|im_end|>" : "</s>";
    expect(vocabulary.settings.eos).toBe(end);
    const endRow = rowOfToken(vocabulary, end);
    expect([exported.json("generation_config.json").eos_token_id].flat()).toContain(endRow);
    expect([exported.json("config.json").eos_token_id].flat()).toContain(endRow);
    expect(exported.json("generation_config.json").temperature).toBe(0.7);
    expect(vocabulary.settings.chatTemplates[0]?.template).toContain("<|im_start|>");
    expect(exported.messages.some((message) => message.startsWith("template-tokens-missing"))).toBe(
      chatTokens.length === 0,
    );
  });
});

describe("what travels with the weights", () => {
  const kind: TokenizerKind = "BPE";
  const models = modelFolders(kind, untied, unpadded);

  test("is the target's, byte for byte, where the recipe takes nothing from chat", async () => {
    const exported = await exportFolder(models, { output: { chatTemplate: "target" } });
    for (const [name, contents] of Object.entries(models.target)) {
      if (name === "model.safetensors") continue;
      expect(readFileSync(join(exported.path, name))).toEqual(Buffer.from(contents));
    }
  });

  test("says the dtype that is written, and nothing else changes in the config's text", async () => {
    const exported = await exportFolder(models, { output: { dtype: "BF16" } });
    const text = readFileSync(join(exported.path, "config.json"), "utf8");
    expect(text).toBe(String(models.target["config.json"]).replace("float32", "bfloat16"));
  });

  test("has the licences of both where they differ, and the code that a config names", async () => {
    const code = {
      "modeling_x.py": "class X: pass\n",
      "notes.md": "private",
      "no-module.py": "",
      "0.py": "",
      ".py": "",
    };
    const exported = await exportFolder({ ...models, target: { ...models.target, ...code } });
    const names = readdirSync(exported.path);
    expect(names).toEqual(expect.arrayContaining(["LICENSE", "chat-LICENSE", "modeling_x.py"]));
    for (const name of ["notes.md", "no-module.py", "0.py", ".py"]) expect(names).not.toContain(name);
    expect(readFileSync(join(exported.path, "chat-LICENSE"), "utf8")).toBe("for chat");
  });

  test("has no template where the recipe wants none", async () => {
    const target = { ...models.target, "chat_template.jinja": "{{ messages }}" };
    const exported = await exportFolder({ ...models, target }, { output: { chatTemplate: "none" } });
    expect(readdirSync(exported.path)).not.toContain("chat_template.jinja");
    expect((await vocabularyOf(exported)).settings.chatTemplates).toEqual([]);
  });

  test("leaves out rows of the chat model that mean tokens which the output lacks, and says so", async () => {
    const { messages, json } = await exportFolder(models);
    expect(json("generation_config.json").eos_token_id).toEqual([2]);
    expect(messages.join("\n")).toContain("generation-rows-missing");
    expect(messages.join("\n")).toContain("<|im_end|>");
    expect(messages.find((message) => message.startsWith("template-tokens-missing"))).toContain(
      '"<|im_start|>", "<|im_end|>"',
    );
  });

  test("is chat's tokenizer only where its rows are the target's", async () => {
    const refused = await exportFolder(models, { output: { tokenizer: "chat" } });
    expect(refused.plan.problems).toContainEqual(
      expect.objectContaining({ code: "tokenizer-differs", severity: "error" }),
    );
    const alike = { ...models, target: { ...models.base, LICENSE: "for all" } };
    const taken = await exportFolder(alike, {
      output: { tokenizer: "chat", chatTokens: ["<|im_start|>", "<|im_end|>"] },
    });
    expect(taken.plan.problems.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(await findingsOf(taken)).toEqual([]);
    expect(readFileSync(join(taken.path, "tokenizer.json"))).toEqual(Buffer.from(models.chat["tokenizer.json"] ?? ""));
    expect(taken.json("config.json").vocab_size).toBe(11);
  });

  test("is known to be wrong before the merge", async () => {
    const target = { ...models.target, "tokenizer_config.json": "{" };
    await expect(exportFolder({ ...models, target })).rejects.toMatchObject({ failure: { code: "tokenizer-invalid" } });
  });
});

describe.skipIf(process.platform === "win32")("a folder that lays traps beside its weights", () => {
  test("brings nothing from elsewhere into the export, and blocks nothing", async () => {
    const at = join(folder, "traps");
    const secret = join(folder, "secret.txt");
    writeFileSync(secret, "private");
    const models = modelFolders("BPE", untied, unpadded);
    for (const role of roles) {
      mkdirSync(join(at, role), { recursive: true });
      for (const [name, contents] of Object.entries(models[role])) writeFileSync(join(at, role, name), contents);
    }
    rmSync(join(at, "target", "LICENSE"), { force: true });
    rmSync(join(at, "chat", "LICENSE"), { force: true });
    symlinkSync(secret, join(at, "target", "LICENSE"));
    symlinkSync("/dev/zero", join(at, "target", "NOTICE"));
    execFileSync("mkfifo", [join(at, "target", "modeling_trap.py")]);
    execFileSync("mkfifo", [join(at, "chat", "LICENSE")]);
    writeFileSync(join(at, "target", "LICENSE.txt"), "mine");
    // No file, and no trap either.
    mkdirSync(join(at, "target", "licenses"));
    symlinkSync("LICENSE.txt", join(at, "target", "LICENCE"));
    const catalog = new Catalog();
    try {
      const [target, chat, base] = await Promise.all(
        roles.map(async (role) => (await catalog.open(join(at, role))).id),
      );
      const { files, problems } = await prepareSideFiles(
        catalog.plan(recipeSchema.parse({ target, vectors: [{ chat, base }] })),
        catalog,
      );
      const names = files.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(["LICENSE.txt", "LICENCE", "config.json"]));
      for (const trap of ["LICENSE", "NOTICE", "modeling_trap.py", "chat-LICENSE"]) expect(names).not.toContain(trap);
      const left = problems.filter(({ code }) => code === "side-file-left-out").map(({ message }) => message);
      expect(left).toHaveLength(4);
      expect(left[0]).toMatch(
        /LICENSE is not written beside the merged model\. A link leads out of the model's folder/,
      );
    } finally {
      catalog.closeAll();
    }
  });
});
