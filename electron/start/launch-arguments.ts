/** What the program was started for. */
export type Launch = { readonly mode: "window" } | { readonly mode: "command"; readonly words: readonly string[] };

const commands = new Set(["inspect", "measure", "merge", "recipe", "samples", "verify", "help"]);

/**
 * Reads the command line. After `--cli` (which the launcher of a checkout passes) everything is a command; without it the
 * first word decides, so that the installed program can be called either way. Chromium's own switches come before.
 *
 * @param argv process.argv without the executable and, in a checkout, without the application's folder
 */
export function parseLaunch(argv: readonly string[]): Launch {
  const marker = argv.indexOf("--cli");
  if (marker >= 0) {
    const rest = argv.slice(marker + 1);
    return { mode: "command", words: rest[0] === "--" ? rest.slice(1) : rest };
  }
  const first = argv.findIndex((word) => !word.startsWith("-"));
  if (first >= 0 && commands.has(argv[first] ?? "")) return { mode: "command", words: argv.slice(first) };
  const asks = argv.some((word) => word === "--help" || word === "--version");
  return asks
    ? { mode: "command", words: argv.filter((word) => word === "--help" || word === "--version") }
    : { mode: "window" };
}
