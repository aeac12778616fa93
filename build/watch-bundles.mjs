import { rmSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { bundles } from "./bundles.mjs";
import { checkout } from "./checkout.mjs";
import { say } from "./messages.mjs";

/** Edits that are saved together, and a source that two bundles share, make one change. */
const settleMilliseconds = 100;

/**
 * Builds everything, then rebuilds what an edit touches. Yields the names of the bundles that were rebuilt: first all of them.
 * An error in the sources is said, and the next edit tried.
 * @returns {AsyncGenerator<import("./bundles.mjs").BundleName[], void, void>}
 */
export async function* watchBundles() {
  // The stamp goes too: what lies in out/ from here on is not told by it.
  rmSync(join(checkout, "out"), { recursive: true, force: true });
  /** @type {Set<import("./bundles.mjs").BundleName>} */
  const rebuilt = new Set();
  let wake = () => {};
  const names = /** @type {import("./bundles.mjs").BundleName[]} */ (Object.keys(bundles));
  for (const name of names) {
    await watchBundle(name, () => {
      rebuilt.add(name);
      wake();
    });
  }
  while (rebuilt.size < names.length) await nextWake();
  for (;;) {
    const changed = [...rebuilt];
    rebuilt.clear();
    if (changed.length > 0) yield changed;
    if (rebuilt.size === 0) await nextWake();
    await new Promise((resolve) => setTimeout(resolve, settleMilliseconds));
  }

  /** @returns {Promise<void>} */
  function nextWake() {
    return new Promise((resolve) => {
      wake = resolve;
    });
  }
}

/**
 * @param {import("./bundles.mjs").BundleName} name
 * @param {() => void} onBuilt
 */
async function watchBundle(name, onBuilt) {
  const config = bundles[name]();
  const watcher = await build({ ...config, build: { ...config.build, watch: {} } });
  if (!("on" in watcher)) throw new Error(`${name} is not being watched`);
  watcher.on("event", (event) => {
    if (event.code === "BUNDLE_END") onBuilt();
    if (event.code === "ERROR") say(`${name}: ${event.error.message}`);
  });
}
