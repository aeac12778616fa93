/**
 * The simple commands of a shell script, each as its words: without comments, redirections and what is said about the environment.
 * Variables that the script itself sets are put in; others, and a `{}` of xargs or parallel, count as `1`. A command that stands in one
 * quoted word (`--wrap "studio merge …"`) is left to who knows its program.
 * @param {string} script
 * @returns {string[][]}
 */
export function shellCommands(script) {
  /** @type {Map<string, string>} */
  const variables = new Map();
  /** @type {string[][]} */
  const commands = [];
  for (const words of splitCommands(withoutHereDocuments(script), variables)) {
    const first = words.findIndex((word) => !/^\w+=/.test(word));
    if (first >= 0) commands.push(words.slice(first));
  }
  return commands;
}

/** @param {string} script */
function withoutHereDocuments(script) {
  return script.replace(/<<-?\s*(["']?)(\w+)\1([^\n]*\n)(?:.*\n)*?\s*\2(?=\n|$)/g, "$3");
}

/**
 * @param {string} script
 * @param {Map<string, string>} variables
 * @returns {Generator<string[], void, void>}
 */
function* splitCommands(script, variables) {
  const tokens =
    /\\\n|(?<comment>(?<![^\s])#[^\n]*)|(?<end>\n|;|&&|\|\|?|&|\$?\(|\))|(?<redirection>\d?[<>]{1,2}&?\s*\S+)|(?<space>[ \t]+)|(?<word>(?:'[^']*'|"[^"]*"|\\.|[^\s;&|()<>'"\\])+)/g;
  /** @type {string[]} */
  let words = [];
  for (const { groups = {} } of script.matchAll(tokens)) {
    if (groups.end !== undefined && words.length > 0) {
      yield words;
      words = [];
    }
    if (groups.word === undefined) continue;
    const [, name, value] = /^(\w+)=(.*)$/s.exec(groups.word) ?? [];
    if (words.length === 0 && name !== undefined) variables.set(name, expand(value ?? "", variables).join(" "));
    words.push(...(name !== undefined && words.length === 0 ? [groups.word] : expand(groups.word, variables)));
  }
  if (words.length > 0) yield words;
}

/**
 * @param {string} word as it is written
 * @param {Map<string, string>} variables
 * @returns {string[]} an unquoted variable may be several words
 */
function expand(word, variables) {
  const text = word.replace(/'([^']*)'|"([^"]*)"|\\(.)/gs, (_, single, double, escaped) => single ?? double ?? escaped);
  const put = (/** @type {string} */ _, /** @type {string} */ name) => variables.get(name) ?? "1";
  const value = word.startsWith("'") ? text : text.replace(/\$\{?(\w+)\}?/g, put).replaceAll("{}", "1");
  return /^\$\w+$/.test(word) ? value.split(" ") : [value];
}
