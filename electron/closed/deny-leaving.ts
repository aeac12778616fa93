import type { WebContents } from "electron";

/** A page of ours stays on the page it was made for: no navigation, no new windows, no webviews, whoever asks. */
export function denyLeaving(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: "deny" }));
  // The one of all frames tells of the main frame as well; either keeps that where it is.
  contents.on("will-navigate", (details) => details.preventDefault());
  contents.on("will-redirect", (details) => details.preventDefault());
  contents.on("will-frame-navigate", (details) => details.preventDefault());
  contents.on("will-attach-webview", (details) => details.preventDefault());
  // No policy of a page's holds for WebRTC.
  contents.setWebRTCIPHandlingPolicy("disable_non_proxied_udp");
}
