import { temporaryFolder } from "./temporary-folder.mjs";

/**
 * Set-up of a whole run of Vitest or Playwright: what tests, and the programs that they start, put into the system's temporary
 * folder lies in one folder of the run's own, and is gone after it, whatever becomes of the tests.
 */
export default function setUp() {
  const { path, remove } = temporaryFolder("tests");
  for (const name of ["TMPDIR", "TEMP", "TMP"]) process.env[name] = path;
  return remove;
}
