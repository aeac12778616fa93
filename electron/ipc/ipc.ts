import { ipcMain, type WebContents } from "electron";
import { failureOf, StudioError } from "../../src-core/errors.ts";
import type { Outcome } from "../api/outcome.ts";
import type { Channel } from "./ipc-channels.ts";
import { checkRequest, refuseForeignSender } from "./ipc-request.ts";
import { type RequestOf, requestSchemas } from "./ipc-schemas.ts";

export type Handlers = { readonly [Name in Channel]: (request: RequestOf<Name>) => unknown };

/** Channels whose answer is the value itself; all others answer with an Outcome. */
const plainChannels: ReadonlySet<Channel> = new Set([
  "environment",
  "takeFirstTour",
  "closeCheckpoint",
  "cancelExport",
  "pauseExport",
  "resumeExport",
  "cancelMeasure",
  "showInFolder",
  "copyPath",
  "dragOut",
  "copyDiagnostics",
  "bringBack",
  "discardUnsaved",
  "keepRecipe",
  "newWindow",
  "tellState",
  "answerClosing",
]);

/** A window whose requests are answered. */
export interface Answered {
  readonly contents: WebContents;
  readonly handlers: Handlers;
}

/**
 * Connects the windows' requests to their handlers. A request counts only when it comes from the main frame of a window of the
 * application, on its own page, and has the shape its channel asks for; any other is refused with an exception. Each window has
 * handlers of its own, which know its models, folders and jobs and no other window's.
 */
export function handleRequests(windowOf: (sender: WebContents) => Answered | null, url: string): void {
  for (const channel of Object.keys(requestSchemas) as Channel[]) {
    ipcMain.handle(channel, async (event, argument: unknown) => {
      const window = windowOf(event.sender);
      refuseForeignSender(event, window?.contents ?? null, url);
      const handler = window?.handlers[channel] as (request: unknown) => unknown;
      const request = checkRequest(channel, argument);
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
