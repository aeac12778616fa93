import { app } from "electron";
import { exitCodes, failureOf } from "../../src-core/errors.ts";
import { Interruption } from "../engine/interruption.ts";
import type { MergeServices } from "../export/merge-services.ts";
import { parseCommand } from "./command-line.ts";
import { convertRecipe } from "./convert-recipe.ts";
import { inspect } from "./inspect.ts";
import { measure } from "./measure.ts";
import { merge } from "./merge.ts";
import { printError, printResult } from "./output.ts";
import { makeProfileFolder, removeProfileFolders } from "./profile-folder.ts";
import { samples } from "./samples.ts";
import { verify } from "./verify.ts";

/** Must run before the application is ready: commands may run side by side, so each gets a profile folder of its own. */
export function prepareHeadless(): void {
  const profile = makeProfileFolder();
  app.setPath("userData", profile);
  app.on("quit", () => removeProfileFolders(profile));
  app.dock?.hide();
  app.commandLine.appendSwitch("log-level", "3");
}

/** Runs one command of the command line and returns its exit code. stdout carries the result, stderr everything else. */
export async function runHeadless(words: readonly string[], services: MergeServices): Promise<number> {
  const abort = new AbortController();
  // Who stops an export of hours, or whose machine does, wants to go on with it.
  const stop = () => abort.abort(new Interruption(true));
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  const json = words.includes("--json");
  const verbose = words.includes("--verbose");
  try {
    const command = parseCommand(words, services.version);
    switch (command.name) {
      case "text":
        printResult(command.text);
        return 0;
      case "inspect":
        printResult(await inspect(command.options, services));
        return 0;
      case "merge":
        printResult(await merge(command.options, services, abort.signal));
        return 0;
      case "measure":
        printResult(await measure(command.options, services, abort.signal));
        return 0;
      case "recipe":
        printResult(await convertRecipe(command.options, services));
        return 0;
      case "verify":
        printResult(await verify(command.options, services, abort.signal));
        return 0;
      case "samples":
        printResult(await samples(command.options, abort.signal));
        return 0;
    }
  } catch (error) {
    const failure = failureOf(error, "device-failed");
    printError(failure, { json, ...(verbose && error instanceof Error ? { stack: error.stack ?? "" } : {}) });
    return exitCodes[failure.code];
  }
}
