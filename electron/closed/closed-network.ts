import type { CommandLine, Session } from "electron";

/**
 * The application uses no network. These switches see to it that Chromium's own services use none either: updates of its
 * components, its reports, looking up names before anyone asks for them, asking the network for a proxy. The last one leaves no
 * name or address that could be reached.
 */
const closedSwitches = [
  ["disable-background-networking"],
  ["disable-component-update"],
  ["disable-domain-reliability"],
  ["disable-breakpad"],
  ["disable-sync"],
  ["dns-prefetch-disable"],
  ["no-pings"],
  ["no-proxy-server"],
  ["force-webrtc-ip-handling-policy", "disable_non_proxied_udp"],
  ["host-resolver-rules", "MAP * ~NOTFOUND"],
] as const satisfies readonly (readonly [name: string, value?: string])[];

/** Must run before the application is ready. */
export function appendClosedSwitches(commandLine: CommandLine): void {
  for (const [name, value] of closedSwitches) {
    if (value === undefined) commandLine.appendSwitch(name);
    else commandLine.appendSwitch(name, value);
  }
}

/** Only the application's own pages are loaded, nothing is downloaded, and no page is granted anything of the system's. */
export function closeSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, grant) => grant(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  // Chromium would download dictionaries.
  session.setSpellCheckerEnabled(false);
  session.setSpellCheckerLanguages([]);
  session.on("will-download", (event) => event.preventDefault());
  session.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !isOwn(url) }));
}

/** `devtools:` pages come from the program itself, and can be opened in development alone. */
function isOwn(url: string): boolean {
  return /^(studio|devtools|data|blob):/.test(url);
}
