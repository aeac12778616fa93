import { readFileSync } from "node:fs";

/**
 * Electron's fuses, in the order of their wire; the value is what a packaged application must have, null where it does not matter.
 * Source: Electron's documentation, "Electron Fuses"; the wire's layout is that of @electron/fuses.
 */
const wantedFuses = /** @type {const} */ ({
  runAsNode: false,
  enableCookieEncryption: null,
  enableNodeOptionsEnvironmentVariable: false,
  enableNodeCliInspectArguments: false,
  enableEmbeddedAsarIntegrityValidation: process.platform === "linux" ? null : true,
  onlyLoadAppFromAsar: true,
  loadBrowserProcessSpecificV8Snapshot: false,
  grantFileProtocolExtraPrivileges: false,
});

/** @typedef {keyof typeof wantedFuses} FuseName */

/** Stands in front of the wire in the binary: version, count, and a character for each fuse. */
const sentinel = "dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX";
const states = /** @type {Record<string, boolean | "removed">} */ ({ 0: false, 1: true, r: "removed" });

/**
 * The fuses of an Electron binary (on macOS, of its framework). Every wire in it is read: a universal binary has two.
 * @param {string} path
 * @returns {Partial<Record<FuseName, boolean | "removed">>[]}
 */
export function readFuses(path) {
  const binary = readFileSync(path);
  const wires = [];
  for (let at = binary.indexOf(sentinel); at >= 0; at = binary.indexOf(sentinel, at + 1)) {
    const start = at + sentinel.length;
    const [version, count] = [binary[start], binary[start + 1] ?? 0];
    if (version !== 1) throw new Error(`${path}: a fuse wire of version ${version}, expected 1`);
    const wire = binary.toString("latin1", start + 2, start + 2 + count);
    const names = /** @type {FuseName[]} */ (Object.keys(wantedFuses));
    wires.push(Object.fromEntries(names.slice(0, count).map((name, index) => [name, stateOf(wire[index], path)])));
  }
  if (wires.length === 0) throw new Error(`${path}: no fuse wire`);
  return wires;
}

/**
 * What is wrong with a packaged binary's fuses, as "runAsNode is true, expected false"; empty where nothing is. A fuse that this
 * Electron does not have yet, or no longer, is no fault.
 * @param {string} path
 * @returns {string[]}
 */
export function fuseFaults(path) {
  return readFuses(path).flatMap((wire) =>
    Object.entries(wantedFuses).flatMap(([name, wanted]) => {
      const found = wire[/** @type {FuseName} */ (name)];
      const isFine = wanted === null || found === undefined || found === "removed" || found === wanted;
      return isFine ? [] : [`${name} is ${found}, expected ${wanted}`];
    }),
  );
}

/**
 * @param {string | undefined} character
 * @param {string} path
 */
function stateOf(character, path) {
  const state = states[character ?? ""];
  if (state === undefined) throw new Error(`${path}: a fuse in the state ${JSON.stringify(character)}`);
  return state;
}
