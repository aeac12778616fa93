import { readdir } from "node:fs/promises";
import { requestSchemas } from "../electron/ipc/ipc-schemas.ts";
import { requests } from "../electron/ipc/messages.fixture.ts";
import { launchStudio, type Studio } from "./launch.ts";
import { expect, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeAll(async () => {
  studio = await launchStudio();
});

test.afterAll(async () => {
  await studio.close();
});

test("the window has no Node, and of Electron only its own requests", async () => {
  const found = await studio.ui.evaluate(() => ({
    require: typeof (globalThis as Record<string, unknown>).require,
    process: typeof (globalThis as Record<string, unknown>).process,
    buffer: typeof (globalThis as Record<string, unknown>).Buffer,
    electron: typeof (globalThis as Record<string, unknown>).electron,
    studio: Object.keys(window.studio).sort(),
  }));
  expect(found).toMatchObject({
    require: "undefined",
    process: "undefined",
    buffer: "undefined",
    electron: "undefined",
  });
  expect(found.studio).toContain("startExport");
  expect(found.studio).not.toContain("invoke");
});

test("neither window can navigate or open another", async () => {
  for (const page of [studio.ui, studio.engine]) {
    const before = page.url();
    await page.evaluate(() => {
      window.open("https://example.invalid/");
      location.href = "https://example.invalid/";
    });
    await page.evaluate(() => {
      location.href = "file:///etc/passwd";
    });
    await page.waitForTimeout(300);
    expect(page.url()).toBe(before);
  }
  expect(studio.app.windows()).toHaveLength(2);
});

test("a page of another's gets nothing, though it sends what the window sends", async () => {
  // With Node, so that it can say on every channel what it likes: more than a hole in the page would give an attacker.
  const answers = await studio.app.evaluate(async ({ BrowserWindow }, sent) => {
    const options = { show: false, webPreferences: { nodeIntegration: true, contextIsolation: false, sandbox: false } };
    const window = new BrowserWindow(options);
    await window.loadURL("about:blank");
    const code = `Promise.all(${JSON.stringify(sent)}.map(([channel, request]) =>
      require("electron").ipcRenderer.invoke(channel, request).then(() => "answered", (error) => error.message)))`;
    const result: string[] = await window.webContents.executeJavaScript(code);
    window.destroy();
    return result;
  }, Object.entries(requests));
  expect(answers).toHaveLength(Object.keys(requestSchemas).length);
  for (const answer of answers) expect(answer).toContain("refused: not from the application's window");
});

test("every channel refuses what it was not made for, and there are no others", async () => {
  const registered = await studio.app.evaluate(({ ipcMain }) => ({
    handled: [...(ipcMain as unknown as { _invokeHandlers: Map<string, unknown> })._invokeHandlers.keys()],
    listened: ipcMain.eventNames().map(String),
  }));
  expect(registered.handled.sort()).toEqual(Object.keys(requestSchemas).sort());
  expect(registered.listened.filter((name) => name !== "error")).toEqual([]);

  // A dropped file's path is looked up by the preload, which throws where there is no file; what needs no argument takes none.
  const channels = Object.entries(requestSchemas)
    .filter(([name, schema]) => !name.startsWith("openDropped") && !schema.safeParse(undefined).success)
    .map(([name]) => name);
  expect(channels.length).toBeGreaterThan(10);
  const answers = await studio.ui.evaluate(async (names) => {
    const studioApi = window.studio as unknown as Record<string, (argument: unknown) => Promise<unknown>>;
    const wrong = [
      undefined,
      7,
      "../../etc/passwd",
      [],
      {},
      { id: "x" },
      { __proto__: null, recipe: { target: "/etc" } },
    ];
    const found: string[] = [];
    for (const name of names) {
      for (const argument of wrong) {
        const answer = await studioApi[name]?.(argument).then(
          () => "answered",
          (error: Error) => error.message,
        );
        found.push(`${name}: ${answer}`);
      }
    }
    return found;
  }, channels);
  expect(answers).toHaveLength(channels.length * 7);
  for (const answer of answers) expect(answer).toMatch(/^(\w+): .*RefusedRequest: \1: /);
});

test("the engine takes its port from main alone, once", async () => {
  // What another page could send, if it could send at all.
  const state = await studio.engine.evaluate(() => {
    const { ipcRenderer } = (globalThis as unknown as { require(name: string): typeof import("electron") }).require(
      "electron",
    );
    return { listeners: ipcRenderer.listenerCount("engine-port"), channels: ipcRenderer.eventNames().map(String) };
  });
  expect(state).toEqual({ listeners: 0, channels: [] });
});

test("the application's scheme serves only its own files", async () => {
  const statuses = await studio.ui.evaluate(async () => {
    const paths = [
      "/index.html",
      "/../engine/engine.js",
      "/%2e%2e/%2e%2e/package.json",
      "/..%2f..%2fpackage.json",
      "/",
    ];
    return Promise.all(paths.map((path) => fetch(`studio://app${path}`).then(({ status }) => status)));
  });
  expect(statuses).toEqual([200, 404, 404, 404, 404]);
});

test("no script runs but the page's own", async () => {
  const blocked = await studio.ui.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
      violations.push(effectiveDirective),
    );
    const add = (name: string, properties: Record<string, string>) =>
      document.body.append(Object.assign(document.createElement(name), properties));
    add("script", { textContent: "window.injected = true" });
    add("script", { src: "data:text/javascript,window.injected=true" });
    add("script", { src: "https://example.invalid/a.js" });
    add("style", { textContent: "body { display: none }" });
    add("img", { src: "https://example.invalid/pixel.png" });
    add("iframe", { src: "studio://app/index.html" });
    add("object", { data: "studio://app/index.html" });
    document.body.setAttribute("onclick", "window.injected = true");
    document.body.click();
    // In a task of its own: what a debugger evaluates may evaluate.
    const evaluated = await new Promise<boolean>((resolve) => {
      setTimeout(() => {
        try {
          resolve(Boolean(new Function("return true")()));
        } catch {
          resolve(false);
        }
      });
    });
    try {
      new Worker("data:text/javascript,0");
    } catch {}
    await fetch("studio://engine/engine.js").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return { violations, injected: "injected" in window, evaluated };
  });
  expect(blocked).toMatchObject({ injected: false, evaluated: false });
  expect(blocked.violations).toEqual(
    expect.arrayContaining([
      ...["script-src-elem", "script-src-attr", "style-src-elem", "img-src", "frame-src", "connect-src", "script-src"],
      ...["object-src", "worker-src"],
    ]),
  );
});

test("the engine's page and its workers run nothing but their own files", async () => {
  const blocked = await studio.engine.evaluate(async () => {
    const violations: string[] = [];
    document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) =>
      violations.push(effectiveDirective),
    );
    const inline = Object.assign(document.createElement("script"), { textContent: "window.injected = true" });
    document.body.append(inline);
    const evaluated = await new Promise<boolean>((resolve) => {
      setTimeout(() => {
        try {
          resolve(Boolean(new Function("return true")()));
        } catch {
          resolve(false);
        }
      });
    });
    try {
      new Worker(URL.createObjectURL(new Blob(["0"])));
    } catch {}
    await fetch("https://example.invalid/").catch(() => undefined);
    await fetch("studio://app/index.html").catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const worker = await fetch("studio://engine/cpu-worker.js");
    return {
      violations,
      injected: "injected" in window,
      evaluated,
      policy: worker.headers.get("Content-Security-Policy"),
    };
  });
  expect(blocked).toMatchObject({ injected: false, evaluated: false });
  expect(blocked.violations).toEqual(
    expect.arrayContaining(["script-src-elem", "script-src", "worker-src", "connect-src"]),
  );
  expect(blocked.policy).toContain("default-src 'none'");
});

test("no page is granted anything of the system's, and nothing is downloaded", async ({ folder }) => {
  const granted = await studio.ui.evaluate(async () => {
    const names = [
      "geolocation",
      "notifications",
      "camera",
      "microphone",
      "midi",
      "clipboard-read",
      "persistent-storage",
    ];
    const states = names.map(
      async (name) => (await navigator.permissions.query({ name: name as PermissionName })).state,
    );
    const tries = [
      () => navigator.mediaDevices.getUserMedia({ audio: true, video: true }),
      () => navigator.mediaDevices.getDisplayMedia(),
      () => navigator.clipboard.readText(),
      () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
      async () => {
        if ((await Notification.requestPermission()) !== "granted") throw new Error("denied");
      },
    ];
    const results = await Promise.all(
      tries.map((attempt) =>
        attempt().then(
          () => "granted",
          () => "denied",
        ),
      ),
    );
    const link = Object.assign(document.createElement("a"), { href: "data:text/plain,x", download: "x.txt" });
    document.body.append(link);
    link.click();
    return [...(await Promise.all(states)), ...results];
  });
  expect(granted.filter((state) => state !== "denied")).toEqual([]);
  const downloads = await studio.app.evaluate(async ({ app, session }, path) => {
    app.setPath("downloads", path);
    let state = "none";
    session.defaultSession.on("will-download", (event, item) => {
      state = event.defaultPrevented ? "prevented" : item.getState();
    });
    session.defaultSession.downloadURL("data:text/plain,x");
    await new Promise((resolve) => setTimeout(resolve, 500));
    return state;
  }, folder);
  expect(["none", "prevented", "cancelled"]).toContain(downloads);
  expect(await readdir(folder)).toEqual([]);
});

test("windows are what they were made as, and developer tools do not open", async () => {
  const found = await studio.app.evaluate(async ({ BrowserWindow, Menu }) => {
    const windows = [];
    for (const window of BrowserWindow.getAllWindows()) {
      window.webContents.openDevTools({ mode: "detach" });
      await new Promise((resolve) => setTimeout(resolve, 300));
      const preferences = (
        window.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
      ).getLastWebPreferences();
      windows.push({ url: window.webContents.getURL(), preferences, open: window.webContents.isDevToolsOpened() });
    }
    const roles = (menu: Electron.Menu | null): string[] =>
      (menu?.items ?? []).flatMap(({ role, submenu }) => [role ?? "", ...roles(submenu ?? null)]);
    return { windows, roles: roles(Menu.getApplicationMenu()).map((role) => role.toLowerCase()) };
  });
  const safe = { webviewTag: false, webSecurity: true, experimentalFeatures: false };
  const preferencesOf = (address: string) => found.windows.find(({ url }) => url.startsWith(address))?.preferences;
  expect(preferencesOf("studio://app/")).toMatchObject({
    ...safe,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
  });
  expect(preferencesOf("studio://engine/")).toMatchObject(safe);
  expect(preferencesOf("studio://app/")?.nodeIntegrationInWorker ?? false).toBe(false);
  expect(found.windows.map(({ open }) => open)).toEqual([false, false]);
  for (const role of ["reload", "forcereload", "toggledevtools", "help"]) expect(found.roles).not.toContain(role);
  expect(found.roles).toContain("copy");
});

test("a webview cannot be attached, and a page that is made later stays where it is", async () => {
  const result = await studio.app.evaluate(async ({ BrowserWindow }) => {
    const window = new BrowserWindow({ show: false, webPreferences: { webviewTag: true } });
    let attached = false;
    // Before it is loaded: a webview is attached with its page.
    window.webContents.on("did-attach-webview", () => {
      attached = true;
    });
    await window.loadURL("data:text/html,<p>here</p><webview src='about:blank'></webview>");
    const popup = await window.webContents.executeJavaScript(
      "location.href = 'https://example.invalid/'; window.open('about:blank') === null",
      true,
    );
    await new Promise((resolve) => setTimeout(resolve, 300));
    const url = window.webContents.getURL();
    window.destroy();
    return { attached, url: url.slice(0, 5), popup };
  });
  expect(result).toEqual({ attached: false, url: "data:", popup: true });
});
