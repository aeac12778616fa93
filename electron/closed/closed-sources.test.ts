import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

/** What ships, by path: the program's sources, without its tests. */
const sources = new Map(
  ["electron", "renderer", "src-core", "build"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /\.(ts|tsx|mjs|html)$/.test(name) && !/\.(test|fixture)\.|test-support|testing\//.test(name))
      .map((name) => join(folder, name))
      .map((path) => [path, withoutComments(readFileSync(path, "utf8"))] as const),
  ),
);

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
}

/** Files and lines where it is said. */
function uses(pattern: RegExp): string[] {
  return [...sources].flatMap(([path, source]) =>
    source.split("\n").flatMap((line) => (pattern.test(line) ? [`${path}: ${line.trim()}`] : [])),
  );
}

/** The windows that are made: every `new BrowserWindow`, with what stands in its parentheses. */
const windows = [...sources].flatMap(([path, source]) =>
  [...source.matchAll(/new BrowserWindow\((\{[\s\S]*?\n {4,}?\}|\{[\s\S]*?\n {2}\})\)/g)].map(([, options = ""]) => ({
    path,
    options,
  })),
);

/**
 * Electron's checklist (its documentation, "Security") and the checks of electronegativity, as far as sources show them.
 * e2e/closed-windows.spec.ts and e2e/no-network.spec.ts see the running program.
 */
describe("the sources", () => {
  test("are there", () => {
    expect(sources.size).toBeGreaterThan(200);
    expect(windows.map(({ path }) => path).sort()).toEqual([
      "electron/engine/engine-process.ts",
      "electron/window/ui-window.ts",
    ]);
  });

  test("make windows of two kinds alone, with everything said", () => {
    const byPath = new Map(windows.map(({ path, options }) => [path, options]));
    const all = { webviewTag: "false", spellcheck: "false", devTools: "isDevelopment()" };
    const settings = {
      "electron/window/ui-window.ts": { ...all, sandbox: "true", contextIsolation: "true", nodeIntegration: "false" },
      // Loads one page of the application's own, reads files, also in its workers, and sees no data as a page.
      "electron/engine/engine-process.ts": {
        ...all,
        sandbox: "false",
        contextIsolation: "false",
        nodeIntegration: "true",
        nodeIntegrationInWorker: "true",
      },
    };
    for (const [path, expected] of Object.entries(settings)) {
      for (const [name, value] of Object.entries(expected)) expect(byPath.get(path)).toContain(`${name}: ${value},`);
    }
    expect(uses(/nodeIntegrationInWorker/)).toEqual([
      "electron/engine/engine-process.ts: nodeIntegrationInWorker: true,",
    ]);
    expect(uses(/\b(BrowserView|WebContentsView|webContents\.create|<webview)\b/)).toEqual([]);
  });

  test.each([
    [
      "nothing that weakens a window",
      /webSecurity|allowRunningInsecureContent|experimentalFeatures|(enable|disable)BlinkFeatures/,
    ],
    ["no Node in subframes", /nodeIntegrationInSubFrames/],
    ["no popups, no affinity", /allowpopups|affinity:/],
    ["no remote module", /enableRemoteModule|@electron\/remote|electron\.remote|\.remote\b/],
    ["no way to other programs", /openExternal|setAsDefaultProtocolClient|moveItemToTrash/],
    [
      "no certificate waved through",
      /certificate-error|setCertificateVerifyProc|select-client-certificate|["']login["']/,
    ],
    ["no warning switched off", /ELECTRON_DISABLE_SECURITY_WARNINGS/],
    ["no code from text", /\beval\(|new Function\b|\bFunction\(|insertCSS|document\.write/],
    [
      "no HTML from text",
      /innerHTML|outerHTML|insertAdjacentHTML|dangerouslySetInnerHTML|createContextualFragment|srcDoc/,
    ],
    [
      "no protocol of the old kind",
      /register(File|Http|Buffer|String|Stream)Protocol|interceptProtocol|bypassCSP|allowServiceWorkers|corsEnabled/,
    ],
    ["no messages between pages past main", /ipcRenderer\.sendTo|sendToHost|webContents\.fromId/],
  ])("have %s", (_, pattern) => {
    // The tools of a checkout run on a developer's machine and are no part of the application.
    expect(uses(pattern).filter((use) => !use.startsWith("build/"))).toEqual([]);
  });

  test("open nothing with other programs but the runtime's licenses and the folder of logs", () => {
    expect(uses(/openPath/).filter((use) => !use.startsWith("build/"))).toEqual([
      'electron/window/runtime-licenses.ts: const problem = path === undefined ? "it is not there" : await shell.openPath(path);',
      "electron/window/settings-desk.ts: const problem = await shell.openPath(logsFolder);",
    ]);
  });

  test("run code in a page nowhere", () => {
    expect(uses(/executeJavaScript/).filter((use) => !use.startsWith("build/"))).toEqual([]);
  });

  test("speak with no network: neither modules nor functions for it", () => {
    const modules =
      /(?:from|import\(|require\()\s*["'](?:node:)?(?:https?2?|http|net|tls|dgram|dns|ws|undici)(?:\/\w+)?["']/;
    const functions =
      /\bnet\.(request|fetch|connect)|XMLHttpRequest|WebSocket|EventSource|sendBeacon|RTCPeerConnection|WebTransport/;
    const inApplication = (use: string) => !use.startsWith("build/");
    expect([...uses(modules), ...uses(functions)].filter(inApplication)).toEqual([]);
    // The application's own files, from the scheme that serves nothing else: kernels, notices, the typeface that a figure carries.
    const fetching = uses(/\bfetch\(/).filter(inApplication);
    expect(fetching.map((use) => use.split(":")[0]).sort()).toEqual([
      "renderer/engine/open-cpu-backend.ts",
      "renderer/ui/components/licenses-panel.tsx",
      "renderer/ui/figures/embedded-font.ts",
    ]);
  });

  test("name websites nowhere but as text", () => {
    const allowed = /arxiv\.org|huggingface\.co|git-lfs\.github\.com|www\.w3\.org|git-lfs\.com/;
    const found = uses(/["'`]https?:\/\//).filter((use) => !use.startsWith("build/"));
    expect(found.filter((use) => !allowed.test(use))).toEqual([]);
    for (const [path, source] of sources) if (path.endsWith(".html")) expect(source, path).not.toMatch(/https?:/);
  });

  test("append no Chromium switch but known ones", () => {
    expect(uses(/appendSwitch|appendArgument/).map((use) => use.split(":")[0])).toEqual([
      "electron/closed/closed-network.ts",
      "electron/closed/closed-network.ts",
      "electron/engine/gpu-switches.ts",
      "electron/engine/gpu-switches.ts",
      "electron/headless/headless.ts",
    ]);
    const insecure =
      /disable-web-security|ignore-certificate-errors|allow-insecure|disable-site-isolation|remote-debugging|unsafely-treat|allow-file-access|js-flags|host-rules/;
    expect(uses(insecure)).toEqual([]);
    // Only where there is no sandbox to be had: root on Linux.
    const appended = uses(/no-sandbox/).filter((use) => !use.includes("includes("));
    expect(appended.map((use) => use.split(":")[0])).toEqual(["build/sandbox.mjs"]);
  });

  test("keep pages under a policy without inline code, eval or anything remote", () => {
    const pages = [...sources].filter(([path]) => path.endsWith(".html"));
    expect(pages.map(([path]) => path).sort()).toEqual(["renderer/engine/engine.html", "renderer/ui/index.html"]);
    const policies = pages.map(([, page]) => /content="(default-src[^"]*)"/.exec(page)?.[1] ?? "");
    const scheme = sources.get("electron/closed/app-scheme.ts") ?? "";
    policies.push(...[...scheme.matchAll(/\[\s*("default-src[\s\S]*?)\]\.join/g)].map(([, list = ""]) => list));
    expect(policies).toHaveLength(4);
    for (const policy of policies) {
      expect(policy).toContain("default-src 'none'");
      expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*|blob:|strict-dynamic|script-src[^;,]*data:/);
    }
    for (const [, page] of pages) expect(page).not.toMatch(/<script>|\son\w+=|style=|<base|<iframe|<object|<embed/);
  });

  test("give the preload one door: a fixed list of requests", () => {
    const preload = sources.get("electron/preload.ts") ?? "";
    expect(preload.match(/exposeInMainWorld/g)).toHaveLength(1);
    expect(preload.match(/ipcRenderer\.\w+/g)).toEqual([
      "ipcRenderer.invoke",
      "ipcRenderer.on",
      "ipcRenderer.removeListener",
    ]);
    expect(uses(/ipcMain\.(on|once|handle|handleOnce)\b/)).toEqual([
      expect.stringMatching(/^electron\/ipc\/ipc\.ts: /),
    ]);
  });
});
