import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The recipe that a file manager or a terminal started the program with: the first word that names a YAML file, as a path or as a
 * `file:` address (desktop entries may hand either). What it holds is for those to judge who open it.
 * @param argv the program's words, Chromium's switches among them
 * @param cwd where paths are meant from
 * @returns an absolute path, or null when there is none
 */
export function recipeHanded(argv: readonly string[], cwd: string): string | null {
  const word = argv.find((candidate) => !candidate.startsWith("-") && isRecipeName(candidate));
  if (word === undefined) return null;
  if (!/^file:/i.test(word)) return resolve(cwd, word);
  try {
    return fileURLToPath(word);
  } catch {
    return null;
  }
}

/** As those names end that the installed program is offered for. */
export function isRecipeName(name: string): boolean {
  return /\.ya?ml$/i.test(name);
}
