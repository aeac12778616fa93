import { fileURLToPath } from "node:url";
import { run } from "../child-process.mjs";

const script = fileURLToPath(new URL("./contender.py", import.meta.url));

/**
 * A Python that has the package: the first on the path need not be the one that the system's packages belong to.
 * @param {string} name of the package
 * @returns {Promise<string | null>} the command
 */
export async function findPythonWith(name) {
  for (const command of ["python3", "/usr/bin/python3", "python"]) {
    if ((await run(command, ["-c", `import ${name}`])).code === 0) return command;
  }
  return null;
}

/** How to get a package, for people. @param {string} name */
export function howToGet(name) {
  return `not here: apt-get install python3-${name} (Debian), or pip install ${name}`;
}

/**
 * @param {string} python
 * @param {string} work
 * @param {import("./models.mjs").Triple} triple
 * @param {string} outFolder
 * @param {number} scale
 * @returns {Promise<number>} seconds of the work itself
 */
export async function runContender(python, work, { base, chat, target }, outFolder, scale) {
  const { code, stdout, stderr } = await run(python, [script, work, base, chat, target, outFolder, String(scale)]);
  if (code !== 0) throw new Error(`${work} ended with ${code}: ${stderr.trim()}`);
  return JSON.parse(stdout).seconds;
}
