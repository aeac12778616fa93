import { app } from "electron";

/** `npm run dev`: with Chromium's developer tools, which are closed to everyone else. */
export function isDevelopment(): boolean {
  return !app.isPackaged && process.env.CHAT_VECTOR_DEVELOPMENT === "1";
}
