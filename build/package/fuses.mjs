import fuses from "@electron/fuses";

const { FuseV1Options, FuseVersion, flipFuses, getCurrentFuseWire } = fuses;

/** @typedef {Partial<Record<import("@electron/fuses").FuseV1Options, boolean>>} Fuses */

/** What a fuse that is on is written as in the program. */
const enabled = "1".charCodeAt(0);

/**
 * What is fixed in the program itself, so that no switch, variable or replaced file opens it: it is never a bare Node, takes no
 * debugger, and loads its own archive only. The archive's hash is held against the program where Electron can (macOS, Windows).
 * @param {string} platform
 * @returns {Fuses}
 */
export function shippedFuses(platform) {
  return {
    [FuseV1Options.RunAsNode]: false,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: platform === "darwin" || platform === "win32",
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  };
}

/** End-to-end tests attach through Node's inspector; nothing else differs in what they drive. */
export const testableFuses = { [FuseV1Options.EnableNodeCliInspectArguments]: true };

/**
 * Sets the fuses that this Electron has; an older one has fewer.
 * @param {string} program the executable, or the .app
 * @param {Fuses} wanted
 * @param {{ resignAdHoc?: boolean }} [options] a changed program must be signed again to start on Apple silicon
 */
export async function setFuses(program, wanted, { resignAdHoc = false } = {}) {
  const present = await readFuses(program);
  const possible = Object.fromEntries(Object.entries(wanted).filter(([name]) => present.has(Number(name))));
  await flipFuses(program, { version: FuseVersion.V1, resetAdHocDarwinSignature: resignAdHoc, ...possible });
}

/**
 * @param {string} program the executable, or the .app
 * @returns {Promise<Map<number, boolean>>} the fuses that this Electron has, by number
 */
export async function readFuses(program) {
  const { version, ...wire } = await getCurrentFuseWire(program);
  if (version !== FuseVersion.V1)
    throw new Error(`${program} has fuses of version ${version}; known is ${FuseVersion.V1}`);
  return new Map(Object.entries(wire).map(([name, state]) => [Number(name), Number(state) === enabled]));
}
