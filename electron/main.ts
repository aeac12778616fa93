import { join, resolve } from "node:path";
import { app, Menu, powerMonitor, session } from "electron";
import { version } from "../package.json";
import { Catalog } from "./checkpoints/catalog.ts";
import { registerScheme, serveScheme } from "./closed/app-scheme.ts";
import { appendClosedSwitches, closeSession } from "./closed/closed-network.ts";
import { denyLeaving } from "./closed/deny-leaving.ts";
import { EngineProcess } from "./engine/engine-process.ts";
import { appendGpuSwitches } from "./engine/gpu-switches.ts";
import { prepareHeadless, runHeadless } from "./headless/headless.ts";
import { type HandedPaths, handedIn, sortPaths } from "./start/handed-paths.ts";
import { parseLaunch } from "./start/launch-arguments.ts";
import { isFirstStart, onSecondStart } from "./start/second-start.ts";
import { testGate } from "./start/test-gate.ts";
import { WindowApp } from "./window/window-app.ts";

const outFolder = join(__dirname, "..");
const argv = process.argv.slice(process.defaultApp ? 2 : 1);
const launch = parseLaunch(argv);

registerScheme();
appendGpuSwitches(app.commandLine);
appendClosedSwitches(app.commandLine);
// Whatever is made later, and by whomever.
app.on("session-created", closeSession);
app.on("web-contents-created", (_event, contents) => denyLeaving(contents));
// A lost device must not bar the next one.
app.disableDomainBlockingFor3DAPIs();
if (launch.mode === "command") prepareHeadless();
// The window that is there opens what this start was for. Commands run beside it.
else if (!isFirstStart(argv)) app.exit(0);

const handed = launch.mode === "window" ? [handedIn(argv, process.cwd())] : [];
let hand = (paths: HandedPaths): unknown => handed.push(paths);
// macOS says so what is opened with the program or dropped on its icon, file by file, and may do so before the application is ready.
app.on("open-file", (event, path) => {
  event.preventDefault();
  hand(sortPaths([resolve(path)]));
});

const gate = testGate();
void app.whenReady().then(async () => {
  await gate;
  closeSession(session.defaultSession);
  let windowApp: WindowApp | null = null;
  serveScheme({ app: join(outFolder, "ui"), engine: join(outFolder, "engine") });
  const engine = new EngineProcess();
  let isEnding = false;
  app.on("before-quit", (event) => {
    if (windowApp?.mayQuit() === false) return event.preventDefault();
    if (isEnding || !engine.isStarting) return engine.stop();
    event.preventDefault();
    isEnding = true;
    void engine.settled().then(() => app.quit());
  });
  if (launch.mode === "command") {
    Menu.setApplicationMenu(null);
    const exitCode = await runHeadless(launch.words, { catalog: new Catalog(), engine, version });
    await engine.settled();
    app.exit(exitCode);
    return;
  }
  const studio = new WindowApp({
    engine,
    version,
    outFolder,
    computeFixed: backendOf(process.env.CHAT_VECTOR_BACKEND),
  });
  windowApp = studio;
  engine.givesWay = true;
  studio.open();
  engine.start();
  hand = (paths) => studio.hand(paths);
  for (const paths of handed) void hand(paths);
  app.on("activate", () => studio.show());
  leaveWithSystem(studio);
  onSecondStart((paths) => {
    studio.show();
    void hand(paths);
  });
});

app.on("window-all-closed", () => {
  // The engine's hidden window counts as one; the headless program ends by itself.
});

/** `CHAT_VECTOR_BACKEND=gpu` or `cpu` says what the windows compute on, whatever the settings say. */
function backendOf(wanted: string | undefined): "gpu" | "cpu" | null {
  return wanted === "gpu" || wanted === "cpu" ? wanted : null;
}

/** Of a system that shuts down, or a terminal that is closed: nothing is asked then. */
function leaveWithSystem(windowApp: WindowApp): void {
  // Electron hands over the event, which its types leave out: prevented, the system waits a little.
  powerMonitor.on("shutdown", (...[event]: readonly { preventDefault(): void }[]) => {
    event?.preventDefault();
    void windowApp.leave();
  });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => void windowApp.leave());
}
