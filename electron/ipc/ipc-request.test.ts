import { describe, expect, test } from "vitest";
import { maximumMessageDepth, maximumMessageTextLength, maximumMessageValueCount } from "../../src-core/limits.ts";
import { checkRequest, RefusedRequest, refuseForeignSender } from "./ipc-request.ts";

const url = "studio://app/index.html";
const mainFrame = { url };
const contents = { mainFrame };
/** As it is sent by the application's window. */
const own = { sender: contents, senderFrame: mainFrame };

describe("a message", () => {
  test("of the application's window passes, wherever in its page", () => {
    expect(() => refuseForeignSender(own, contents, url)).not.toThrow();
    const elsewhere = { url: `${url}?a=1#b` };
    const moved = { mainFrame: elsewhere };
    expect(() => refuseForeignSender({ sender: moved, senderFrame: elsewhere }, moved, url)).not.toThrow();
  });

  const foreignFrame = { url: "https://example.invalid/" };
  const foreign = { mainFrame: foreignFrame };
  test.each([
    ["where there is no such window", own, null],
    ["of another window that shows the same page", { sender: { mainFrame }, senderFrame: mainFrame }, contents],
    ["of a frame that is gone", { sender: contents, senderFrame: null }, contents],
    ["of a frame in the window's page, though it shows the same", { sender: contents, senderFrame: { url } }, contents],
    ["of the window, while it shows another page", { sender: foreign, senderFrame: foreignFrame }, foreign],
  ])("%s is refused", (_, sender, window) => {
    expect(() => refuseForeignSender(sender, window, url)).toThrow(RefusedRequest);
  });

  test.each([`${url}x`, "studio://app/", "studio://engine/index.html", "studio://app.example/index.html"])(
    "of the window, while it shows %s, is refused",
    (address) => {
      const frame = { url: address };
      const window = { mainFrame: frame };
      expect(() => refuseForeignSender({ sender: window, senderFrame: frame }, window, url)).toThrow(RefusedRequest);
    },
  );
});

describe("a request larger than any", () => {
  const nested = (depth: number) => Array.from({ length: depth }).reduce<unknown>((inner) => [inner], null);

  test.each([
    ["in values", Array(maximumMessageValueCount).fill(0)],
    ["in places of a list without values", new Array(maximumMessageValueCount + 1)],
    ["in text", ["x".repeat(maximumMessageTextLength / 2), "x".repeat(maximumMessageTextLength / 2 + 1)]],
    ["in names", { ["x".repeat(maximumMessageTextLength + 1)]: 1 }],
    ["in depth", nested(maximumMessageDepth + 1)],
  ])("%s is refused before anything else of it is looked at", (_, message) => {
    expect(() => checkRequest("plan", message)).toThrow("plan: larger than any request");
  });

  test("is not one of as much", () => {
    for (const message of [
      // A list counts as long as it is, and each of its values.
      Array(maximumMessageValueCount / 2).fill(0),
      "x".repeat(maximumMessageTextLength),
      nested(maximumMessageDepth),
    ]) {
      expect(() => checkRequest("plan", message)).toThrow(RefusedRequest);
      expect(() => checkRequest("plan", message)).not.toThrow("larger than any request");
    }
  });

  test("or any other says no more than where it is wrong", () => {
    const message = { recipe: { ["x".repeat(10_000)]: 1 } };
    expect(() => checkRequest("plan", message)).toThrow(RefusedRequest);
    try {
      checkRequest("plan", message);
    } catch (error) {
      expect(error instanceof Error ? error.message.length : 0).toBeLessThanOrEqual(500);
    }
  });
});
