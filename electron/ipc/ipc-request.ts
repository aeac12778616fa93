import { maximumMessageDepth, maximumMessageTextLength, maximumMessageValueCount } from "../../src-core/limits.ts";
import type { Channel } from "./ipc-channels.ts";
import { type RequestOf, requestSchemas } from "./ipc-schemas.ts";

/** A request that the window never makes: it says where it is wrong and nothing of what it holds. */
export class RefusedRequest extends Error {
  override readonly name = "RefusedRequest";
}

/** Where a message came from, as Electron tells it: the page, and which of its frames. */
export interface Sender<Contents extends { readonly mainFrame: unknown }> {
  readonly sender: Contents;
  readonly senderFrame: { readonly url: string } | null;
}

/**
 * Lets a message pass only from the main frame of the application's window, while that shows the application's own page.
 * Throws `RefusedRequest`.
 */
export function refuseForeignSender<Contents extends { readonly mainFrame: unknown }>(
  { sender, senderFrame }: Sender<Contents>,
  contents: Contents | null,
  url: string,
): void {
  const isWindow = contents !== null && sender === contents && senderFrame !== null;
  const isOurs = isWindow && senderFrame === contents.mainFrame && senderFrame.url.split(/[?#]/)[0] === url;
  if (!isOurs) throw new RefusedRequest("refused: not from the application's window");
}

/** A channel's argument, checked. Throws `RefusedRequest` when it has not the channel's shape, or is beyond a limit. */
export function checkRequest<Name extends Channel>(channel: Name, argument: unknown): RequestOf<Name> {
  // First, so that what a message costs to check is bounded: a schema looks at every element before it counts them.
  refuseLarge(channel, argument);
  const parsed = requestSchemas[channel].safeParse(argument);
  if (parsed.success) return parsed.data as RequestOf<Name>;
  const { path, message } = parsed.error.issues[0] ?? { path: [], message: "not what belongs there" };
  throw new RefusedRequest(`${channel}: ${path.map(String).join(".")}: ${message}`.slice(0, 500));
}

function refuseLarge(channel: Channel, argument: unknown): void {
  let values = 0;
  let textLength = 0;
  const visit = (value: unknown, depth: number): void => {
    values += Array.isArray(value) ? Math.max(1, value.length) : 1;
    if (typeof value === "string") textLength += value.length;
    if (values > maximumMessageValueCount || textLength > maximumMessageTextLength || depth > maximumMessageDepth) {
      throw new RefusedRequest(`${channel}: larger than any request`);
    }
    if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
    for (const [key, member] of Object.entries(value)) {
      textLength += key.length;
      visit(member, depth + 1);
    }
  };
  visit(argument, 0);
}
