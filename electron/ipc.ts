import { ipcMain, type WebContents } from "electron";
import { failureOf, StudioError } from "../src-core/errors.ts";
import type { Outcome } from "./api.ts";
import type { Channel } from "./ipc-channels.ts";
import { checkRequest, refuseForeignSender } from "./ipc-request.ts";
import { type RequestOf, requestSchemas } from "./ipc-schemas.ts";

export type Handlers = { readonly [Name in Channel]: (request: RequestOf<Name>) => unknown };

/** Channels whose answer is the value itself; all others answer with an Outcome. */
const plainChannels: ReadonlySet<Channel> = new Set([
  "environment",
  "closeCheckpoint",
  "cancelExport",
  "pauseExport",
  "resumeExport",
  "cancelMeasure",
  "showInFolder",
  "copyPath",
  "dragOut",
  "setAppearance",
  "copyDiagnostics",
  "tellState",
  "answerClosing",
]);

/**
 * Connects the window's requests to their handlers. A request counts only when it comes from the main frame of the window
 * itself, on its own page, and has the shape its channel asks for; any other is refused with an exception.
 */
export function handleRequests(
  handlers: Handlers,
  ui: { readonly contents: () => WebContents | null; readonly url: string },
): void {
  for (const channel of Object.keys(requestSchemas) as Channel[]) {
    ipcMain.handle(channel, async (event, argument: unknown) => {
      refuseForeignSender(event, ui.contents(), ui.url);
      const request = checkRequest(channel, argument);
      const handler = handlers[channel] as (request: unknown) => unknown;
      if (plainChannels.has(channel)) return handler(request);
      return outcomeOf(() => handler(request));
    });
  }
}

async function outcomeOf(work: () => unknown): Promise<Outcome<unknown>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    if (error instanceof StudioError) return { ok: false, failure: error.failure };
    return { ok: false, failure: failureOf(error, "read-failed") };
  }
}
