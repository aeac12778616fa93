import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseCommand } from "../../electron/headless/command-line.ts";
import { openRecipe } from "../../src-core/recipe/open-recipe.ts";
import { checkout } from "../checkout.mjs";
import { filesBelow } from "../import-graph.mjs";
import { type CodeBlock, readDocuments } from "./documents.mjs";
import { shellCommands } from "./shell-commands.mjs";

const documents = readDocuments(checkout);
const blocks = documents.flatMap((document) => document.blocks);
const read = (file: string) => readFileSync(join(checkout, file), "utf8");
const scripts: Record<string, string> = JSON.parse(read("package.json")).scripts;
const files = filesBelow(checkout);

const commandNames = ["inspect", "merge", "measure", "recipe", "verify", "samples"];
/** A command that is told in part: "merge … --trace FILE", "--backend auto|gpu". */
const isPart = (words: readonly string[]) => words.some((word) => /[…|[\]()]/.test(word));

const place = ({ file, line, language }: CodeBlock) => `${file}:${line} ${language}`;

/** Why a command of a document cannot be what it says, or "". Of programs that are not ours nothing is known. */
function wrongIn(words: readonly string[]): string {
  const [program = "", ...rest] = words;
  if (program === "chat-vector-studio") return wrongInCli(rest);
  if (program === "npm") return wrongInNpm(rest);
  if (program === "npx") return wrongInNpx(rest);
  if (program === "node") return existsSync(join(checkout, rest[0] ?? "")) ? "" : `there is no ${rest[0]}`;
  return words
    .flatMap((word) => (/^chat-vector-studio /.test(word) ? shellCommands(word).map(wrongIn) : []))
    .filter((wrong) => wrong !== "")
    .join("; ");
}

function wrongInCli(words: readonly string[]): string {
  if (words.length === 0 || words[0] === "…") return "";
  if (isPart(words)) return wrongOptions(words, helpOf(words[0] ?? ""));
  try {
    parseCommand(words, "0.0.0");
    return "";
  } catch (error) {
    return String(error);
  }
}

function helpOf(command: string): string {
  if (!commandNames.includes(command)) return "";
  const parsed = parseCommand([command, "--help"], "0.0.0");
  return parsed.name === "text" ? parsed.text : "";
}

function wrongOptions(words: readonly string[], known: string): string {
  const options = words.flatMap((word) => word.match(/--[a-z][\w-]*/g) ?? []);
  const unknown = options.filter((option) => !new RegExp(`${option}(?![\\w-])`).test(known));
  return unknown.map((option) => `${words[0]} has no ${option}`).join("; ");
}

function wrongInNpm(words: readonly string[]): string {
  const named = words.filter((word) => word !== "--silent");
  if (["ci", "install", "audit"].includes(named[0] ?? "")) return "";
  const script = named[0] === "run" ? (named[1] ?? "") : (named[0] ?? "");
  if (!(script in scripts)) return `package.json has no script ${script}`;
  const separator = words.indexOf("--");
  const args = separator < 0 ? [] : words.slice(separator + 1);
  if (script === "cli") return wrongInCli(args);
  if (script === "check") return wrongPattern(args, /\.test\.tsx?$/);
  if (script === "e2e") return wrongPattern(args, /^e2e\/.*\.spec\.ts$/);
  const [runner, file = ""] = scripts[script]?.split(" ") ?? [];
  const source = runner === "node" ? read(file) : "";
  const known = (word: string) => new RegExp(`\\b${word.replace(/^--/, "")}\\b`).test(source);
  return args.filter((word) => word.startsWith("--") && !known(word)).join(", ");
}

function wrongInNpx(words: readonly string[]): string {
  const [program = "", ...args] = words;
  if (!existsSync(join(checkout, "node_modules", ".bin", program))) return `no package here has the program ${program}`;
  return program === "vitest" ? wrongPattern(args.slice(1), /\.test\.tsx?$/) : "";
}

/** Test runners take pieces of tests' paths. */
function wrongPattern(args: readonly string[], tests: RegExp): string {
  const pieces = args.filter((word) => !word.startsWith("-") && !/[…A-Z]/.test(word));
  const idle = pieces.filter((piece) => !files.some((file) => tests.test(file) && file.includes(piece)));
  return idle.map((piece) => `no test's path has ${piece} in it`).join("; ");
}

describe("a block of commands", () => {
  const shellBlocks = blocks.filter(({ language }) => language === "sh");

  it.each(shellBlocks.map((block) => [place(block), block] as const))("%s says what can be said", (_, { code }) => {
    const commands = shellCommands(code);
    expect(commands.length).toBeGreaterThan(0);
    expect(commands.map(wrongIn).filter((wrong) => wrong !== "")).toEqual([]);
  });

  it("is marked as one, so that it is seen here", () => {
    const ours = /^\s*(\$ )?(npm|npx|node|chat-vector-studio|git|cd) /m;
    const unmarked = blocks.filter(
      ({ language, code }) => language !== "sh" && language !== "python" && ours.test(code),
    );
    expect(unmarked.map(place)).toEqual([]);
    const indented = documents.flatMap(({ file, prose }) =>
      prose.filter(({ text }) => text.startsWith("    ") && ours.test(text)).map(({ line }) => `${file}:${line}`),
    );
    expect(indented).toEqual([]);
  });

  it.each(blocks.filter(({ language }) => language === "python").map((block) => [place(block), block] as const))(
    "%s gives the application words that it knows",
    (_, { code, notRun }) => {
      expect(notRun, "nothing runs Python's blocks: its fence says why, `python not run: …`").not.toBeNull();
      for (const [list] of code.matchAll(/\["chat-vector-studio"[^\]]*\]/g)) {
        expect(wrongIn(JSON.parse(list))).toBe("");
      }
    },
  );
});

describe("in a sentence", () => {
  const spans = documents.flatMap(({ file, prose }) =>
    prose.flatMap(({ line, text }) =>
      [...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => ({
        at: `${file}:${line}`,
        code: code.replaceAll("\\|", "|"),
      })),
    ),
  );

  it("a command is one", () => {
    const wrong = spans.flatMap(({ at, code }) => {
      const words = code.split(" ");
      const isOurs = commandNames.includes(words[0] ?? "") && code.includes(" --");
      const problem = isOurs ? wrongOptions(words, helpOf(words[0] ?? "")) : wrongIn(words);
      return problem === "" ? [] : [`${at} ${code}: ${problem}`];
    });
    expect(wrong).toEqual([]);
  });

  it("an option is one of the command line, or of what builds and tests it", () => {
    const known = commandNames.map(helpOf).join("\n") + files.filter((file) => /^build\/.*\.mjs$/.test(file)).map(read);
    const options = spans.filter(({ code }) => code.startsWith("--"));
    expect(options.length).toBeGreaterThan(20);
    expect(options.flatMap(({ at, code }) => wrongOptions([at, code], known) || [])).toEqual([]);
  });

  it("a variable of the environment is read somewhere", () => {
    const program = files
      .filter((file) => /\.(m?[jt]s|py)$/.test(file))
      .map(read)
      .join("\n");
    const variables = documents.flatMap(({ file }) => read(file).match(/\bCHAT_VECTOR_\w+/g) ?? []);
    expect(variables.filter((name) => !new RegExp(`\\b${name}\\b`).test(program))).toEqual([]);
  });
});

describe("a recipe", () => {
  const recipes = blocks.filter(({ language }) => language === "yaml");

  it.each(recipes.map((block) => [place(block), block] as const))("%s can be read", (_, { code }) => {
    const models = "target: ./t\nvectors: [{name: chat, chat: ./c, base: ./b}]\n";
    const whole = /^(vectors|models|slices):/m.test(code) ? code : models + code;
    expect(() => openRecipe(whole, "recipe.yaml", { layerCount: 32 })).not.toThrow();
  });
});

it("every program of package.json is told to those who change the application", () => {
  const told = read("CONTRIBUTING.md");
  const isTold = (script: string) => new RegExp(`npm (run )?(--silent )?${script}\\b`).test(told);
  expect(Object.keys(scripts).filter((script) => !isTold(script))).toEqual([]);
});

it("the documents are there", () => {
  expect(readdirSync(join(checkout, "docs")).filter((name) => name.endsWith(".md")).length).toBeGreaterThan(4);
});
