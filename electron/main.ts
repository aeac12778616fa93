import { join } from "node:path";
import { app, powerMonitor, session } from "electron";
import { version } from "../package.json";
import type { BackendChoice } from "../src-core/engine/protocol.ts";
import { registerScheme, serveScheme } from "./app-scheme.ts";
import { setApplicationMenu } from "./application-menu.ts";
import { Catalog } from "./catalog.ts";
import { appendClosedSwitches, closeSession } from "./closed-network.ts";
import { denyLeaving } from "./deny-leaving.ts";
import { isDevelopment } from "./development.ts";
import { EngineProcess } from "./engine-process.ts";
import { appendGpuSwitches } from "./gpu-switches.ts";
import { isRecipeName, recipeHanded } from "./handed-recipe.ts";
import { prepareHeadless, runHeadless } from "./headless/headless.ts";
import { parseLaunch } from "./launch-arguments.ts";
import { isFirstStart, onSecondStart } from "./second-start.ts";
import { testGate } from "./test-gate.ts";
import { WindowApp } from "./window-app.ts";

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

let handed = launch.mode === "window" ? recipeHanded(argv, process.cwd()) : null;
let hand = (path: string) => {
  handed = path;
};
// macOS says it so, and may do so before the application is ready.
app.on("open-file", (event, path) => {
  event.preventDefault();
  if (isRecipeName(path)) hand(path);
});

const gate = testGate();
void app.whenReady().then(async () => {
  await gate;
  closeSession(session.defaultSession);
  let windowApp: WindowApp | null = null;
  setApplicationMenu({ isDevelopment: isDevelopment(), actions: [], choose: () => {} });
  serveScheme({ app: join(outFolder, "ui"), engine: join(outFolder, "engine") });
  const catalog = new Catalog();
  const engine = new EngineProcess();
  const services = { catalog, engine, version };
  app.on("before-quit", (event) => {
    if (windowApp?.mayQuit() === false) return event.preventDefault();
    engine.stop();
    catalog.closeAll();
  });
  if (launch.mode === "command") {
    app.exit(await runHeadless(launch.words, services));
    return;
  }
  engine.backend = backendOf(process.env.CHAT_VECTOR_BACKEND);
  windowApp = new WindowApp(services);
  if (handed !== null) windowApp.hand(handed);
  hand = (path) => windowApp?.hand(path);
  windowApp.open(outFolder);
  engine.start();
  app.on("activate", () => windowApp?.open(outFolder));
  leaveWithSystem(windowApp);
  onSecondStart((recipe) => {
    windowApp?.open(outFolder);
    if (recipe !== null) windowApp?.hand(recipe);
  });
});

app.on("window-all-closed", () => {
  // The engine's hidden window counts as one; the headless program ends by itself.
});

/** `CHAT_VECTOR_BACKEND=gpu` or `cpu` says what the window computes on. */
function backendOf(wanted: string | undefined): BackendChoice {
  return wanted === "gpu" || wanted === "cpu" ? wanted : "auto";
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
