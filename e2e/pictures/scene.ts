import type { Stage } from "./stage.ts";

/** A state of the window, and how it is brought about from the one before. */
export interface Scene {
  readonly name: string;
  /** False: a menu or a panel over what is pictured at both sizes already. */
  readonly large?: boolean;
  show(stage: Stage): Promise<void>;
}
