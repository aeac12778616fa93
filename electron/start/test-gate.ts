/**
 * Opens at once, unless a test that drives the windows asked for time to attach to the program before there is one:
 * attaching while a page is being loaded loses its navigation in Chromium 114, and the test would wait for it for ever.
 * Playwright calls `__playwright_run` when it has attached.
 */
export function testGate(): Promise<void> {
  if (process.env.CHAT_VECTOR_TEST_GATE !== "closed") return Promise.resolve();
  return new Promise((open) => Object.assign(globalThis, { __playwright_run: open }));
}
