import type { requestSchemas } from "./ipc-schemas.ts";

export type Channel = keyof typeof requestSchemas;

/** Main → window. */
export const eventChannel = "studio-event";
