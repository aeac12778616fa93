import { Command, CommanderError, Option } from "commander";
import { mergeableDtypes } from "../../src-core/checkpoint/dtype.ts";
import { StudioError } from "../../src-core/errors.ts";
import { parsePart } from "../../src-core/plan/part-plan.ts";
import { chatTemplateChoices, tokenizerChoices, vocabularyPolicies } from "../../src-core/recipe/recipe.ts";
import type {
  ConvertOptions,
  MeasureOptions,
  MergeOptions,
  ParsedCommand,
  RecipeOptions,
  SamplesOptions,
} from "./commands.ts";
import { parseChatToken, parseCount, parseScale, parseSeed, parseSize } from "./option-values.ts";

/** Reads one command. Throws a StudioError `usage`, with a hint where there is one, for anything it does not know. */
export function parseCommand(words: readonly string[], version: string): ParsedCommand {
  let parsed: ParsedCommand | null = null;
  let text = "";
  const program = new Command("chat-vector-studio")
    .description("Adds a chat vector (chat − base) to a model: merged = target + λ · (chat − base).")
    .version(version, "--version", "print the version")
    .helpOption("--help", "explain the command")
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeOut: (out) => (text += out), writeErr: () => undefined, outputError: () => undefined });
  for (const add of [addInspect, addMerge, addMeasure, addRecipe, addVerify, addSamples]) {
    add(program, (command) => {
      parsed = command;
    });
  }
  try {
    program.parse([...words], { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { name: "text", text };
    throw new StudioError({ code: "usage", what: usageText(error.message) });
  }
  if (parsed === null) throw new StudioError({ code: "usage", what: "no command", advice: "Try --help" });
  return parsed;
}

type Tell = (command: ParsedCommand) => void;

function addInspect(program: Command, tell: Tell): void {
  withPrinting(addCommand(program, "inspect"))
    .description("print what a checkpoint's headers say")
    .argument("<checkpoint>", "a folder or file")
    .action((checkpoint: string, { json }: { json: boolean }) =>
      tell({ name: "inspect", options: { checkpoint, json } }),
    );
}

function addMerge(program: Command, tell: Tell): void {
  const command = addCommand(program, "merge")
    .description("write target + λ · (chat − base), or what a recipe says")
    .option("--recipe <file>", "what to merge; options beside it go before what it says")
    .option("--base <checkpoint>", "the model that chat was tuned from")
    .option("--chat <checkpoint>", "the instruction-tuned model")
    .option("--target <checkpoint>", "the model that gets the vector")
    .option("--out <folder>", "the folder to write; must not exist")
    .option("--scale <λ>", "how much of the vector is added (1)", parseScale)
    .addOption(vocabularyOption())
    .option(
      "--chat-token <token>",
      "a token of chat that target gets; 'TOKEN=>UNUSED' gives it the row of one that target keeps free",
      parseChatToken,
    )
    .addOption(new Option("--tokenizer <model>", "whose tokenizer goes along").choices([...tokenizerChoices]))
    .addOption(new Option("--chat-template <model>", "whose template goes along").choices([...chatTemplateChoices]))
    .addOption(new Option("--dtype <dtype>", "of the output").choices(["same", ...mergeableDtypes]))
    .option("--shard-size <size>", "bytes of one output file at most: 500MB (5GB)", parseSize)
    .addOption(
      new Option("--on-mismatch <decision>", "for tensors whose shapes differ").choices(["error", "keep-target"]),
    )
    .option("--part <i/n>", "write only this share of the files: 2/4 is the second of four", parsePart)
    .option("--finish", "put the finished parts together", false)
    .option("--resume", "go on with an unfinished export of the same merge, if there is one", false)
    .option("--overwrite", "replace a folder that an earlier merge wrote", false)
    .option("--hash-sources", "record the SHA-256 of every file that is read, and read it once more for that", false);
  withPrinting(withComputing(command)).action((options: MergeOptions) => {
    requireModels(options, ["base", "chat", "target"]);
    requireOptions(options, ["out"]);
    if (options.finish && (options.part !== undefined || options.resume)) {
      throw new StudioError({ code: "usage", what: "--finish goes without --part and --resume" });
    }
    if (options.hashSources && (options.finish || options.part !== undefined)) {
      throw new StudioError({ code: "usage", what: "--hash-sources goes without --part and --finish" });
    }
    tell({ name: "merge", options });
  });
}

function addMeasure(program: Command, tell: Tell): void {
  const command = addCommand(program, "measure")
    .description("print the norms of the chat vector, tensor by tensor and by layer; nothing is written")
    .option("--recipe <file>", "what to measure; options beside it go before what it says")
    .option("--base <checkpoint>", "the model that chat was tuned from")
    .option("--chat <checkpoint>", "the instruction-tuned model")
    .option("--target <checkpoint>", "the model that would get the vector")
    .option("--scale <λ>", "at which the merged model's figures are given (1)", parseScale)
    .addOption(vocabularyOption())
    .option("--csv <file>", "also write the tensors' figures as a table");
  withPrinting(withComputing(command)).action((options: MeasureOptions) => {
    requireModels(options, ["base", "chat"]);
    tell({ name: "measure", options });
  });
}

function addRecipe(program: Command, tell: Tell): void {
  const command = addCommand(program, "recipe")
    .description("check a recipe or a mergekit file, and print it as one or the other")
    .argument("<file>", "a recipe, or a mergekit file with merge_method: task_arithmetic")
    .addOption(new Option("--as <format>", "what it becomes").choices(["recipe", "mergekit"]).default("recipe"))
    .option("--out <file>", "write it there instead; must not exist");
  withPrinting(command).action((recipe: string, options: Omit<ConvertOptions, "recipe">) => {
    tell({ name: "recipe", options: { ...options, recipe } });
  });
}

function addVerify(program: Command, tell: Tell): void {
  withPrinting(addCommand(program, "verify"))
    .description("check an exported model: sizes, SHA-256, and elements recomputed from the models it was made of")
    .argument("<folder>", "what merge wrote")
    .action((folder: string, { json }: { json: boolean }) => tell({ name: "verify", options: { folder, json } }));
}

function addSamples(program: Command, tell: Tell): void {
  const command = addCommand(program, "samples")
    .description("make a small base, chat and target that fit each other")
    .option("--out <folder>", "the folder to write them in")
    .option("--parameters <count>", "of each model: 2M, 1.1B", "2M")
    .option("--layers <count>", "instead of what models of this size have", parseCount)
    .option("--experts <count>", "of each layer: a mixture of experts", parseCount)
    .option("--seed <number>", "another one gives other weights", parseSeed, 1)
    .option("--own-tokens <count>", "tokens that the target has and the base has not", parseSeed)
    .option("--shuffled", "the target has its tokens at other rows", false)
    .option("--tied", "the output head is the embedding", false);
  withPrinting(command).action((options: SamplesOptions) => {
    requireOptions(options, ["out"]);
    tell({ name: "samples", options });
  });
}

function addCommand(program: Command, name: string): Command {
  return program.command(name).allowExcessArguments(false);
}

function vocabularyOption(): Option {
  return new Option("--vocabulary <policy>", "what to do where vocabularies differ").choices([...vocabularyPolicies]);
}

/** What reads and computes. */
function withComputing(command: Command): Command {
  return command
    .addOption(new Option("--backend <backend>", "what computes").choices(["auto", "gpu", "cpu"]).default("auto"))
    .addOption(
      new Option("--io <way>", "how models are read: through the page cache, or past it where that is faster")
        .choices(["auto", "buffered", "direct"])
        .default("auto"),
    )
    .option("--trace <file>", "write down when what was read, computed and written (Chrome's trace format)");
}

function withPrinting(command: Command): Command {
  return command.option("--json", "for programs", false).option("--verbose", "print stack traces", false);
}

/** commander's own required options would be asked for before an unknown one is named, and a misspelt one is both. */
function requireOptions<Options>(options: Options, names: readonly (keyof Options & string)[]): void {
  const missing = names.filter((name) => options[name] === undefined).map((name) => `--${name}`);
  if (missing.length > 0)
    throw new StudioError({ code: "usage", what: `missing ${missing.join(", ")}`, advice: "Try --help" });
}

/** Either a recipe names the models, or these options do. */
function requireModels(options: RecipeOptions, names: readonly ("base" | "chat" | "target")[]): void {
  if (options.recipe === undefined) {
    requireOptions(options, names);
    return;
  }
  for (const name of ["base", "chat"] as const) {
    if (options[name] === undefined) continue;
    throw new StudioError({
      code: "usage",
      what: `--recipe and --${name} contradict each other: the recipe names its chat vectors`,
      advice: "Leave one out, or change the recipe",
    });
  }
}

/** commander's "error: unknown option '--bas'\n(Did you mean --base?)" as one sentence. */
function usageText(message: string): string {
  if (message === "(outputHelp)") return "no command; try --help";
  return message
    .replace(/^error: /, "")
    .replace(/\s*\n\s*/g, " ")
    .trim();
}
