import { exportScenes } from "./export-scenes.ts";
import { mapScenes } from "./map-scenes.ts";
import { moreScenes } from "./more-scenes.ts";
import type { Scene } from "./scene.ts";
import { startScenes } from "./start-scenes.ts";

/** Every state of the window, each from the one before it. */
export const allScenes: readonly Scene[] = [...startScenes, ...mapScenes, ...exportScenes, ...moreScenes];
