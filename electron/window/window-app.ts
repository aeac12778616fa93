import { realpath } from "node:fs/promises";
import { app, BrowserWindow, type WebContents } from "electron";
import { handleRequests } from "../ipc/ipc.ts";
import { isDevelopment } from "../start/development.ts";
import type { HandedPaths } from "../start/handed-paths.ts";
import { setApplicationMenu } from "./application-menu.ts";
import { createSharedParts, type GivenParts, type SharedParts } from "./shared-parts.ts";
import { StudioWindow } from "./studio-window.ts";
import { createUiWindow, uiUrl } from "./ui-window.ts";

/** What is opened together comes one by one on macOS, and by as many starts of the program on Windows. */
const gatherMs = 300;

/** The application with its windows, each with a recipe of its own. */
export class WindowApp {
  readonly #shared: SharedParts;
  /** In the order in which they were opened. */
  readonly #windows: StudioWindow[] = [];
  /** The one that had the keyboard last. */
  #front: StudioWindow | null = null;
  #isAskingToQuit = false;
  /** Models that are on their way to a window. */
  #models: string[] = [];
  /** One after the other, so that each finds the windows as the one before left them. */
  #handing: Promise<void> = Promise.resolve();

  constructor(parts: GivenParts) {
    this.#shared = createSharedParts(parts);
    const { engine, log, desk } = this.#shared;
    desk.on("changed", (settings) => {
      for (const window of this.#windows) window.send({ type: "settings", settings });
    });
    engine.on("state", (state) => {
      log.engine(state);
      for (const window of this.#windows) window.send({ type: "engine", engine: state });
    });
    handleRequests((sender) => this.#answered(sender), uiUrl);
    this.#showMenu();
  }

  /** Whether nothing would be lost by quitting now. Where something would, the user is asked, window by window, and may have it quit. */
  mayQuit(): boolean {
    if (this.#windows.every(({ closing }) => closing.isFree)) return true;
    if (!this.#isAskingToQuit) void this.#askToQuit();
    return false;
  }

  /** The system shuts down or ends the program: stops what runs and quits, without a question. */
  async leave(): Promise<void> {
    await Promise.all(this.#windows.map((window) => window.leave()));
    app.quit();
  }

  /** The window in front, or a first one. */
  show(): void {
    if (this.#front === null) this.open();
    else this.#front.show();
  }

  /** Another window, with nothing in it. */
  open(): StudioWindow {
    const front = this.#front?.browser ?? null;
    const slot = this.#freeSlot();
    const browser = createUiWindow(this.#shared.outFolder, slot, front);
    const window = new StudioWindow(browser, slot, this.#shared, {
      onTold: () => this.#showMenu(),
      onNewWindow: () => void this.open(),
      onBringBack: (id, kept) => {
        const isEmpty = window.told.takes === "anything" && !window.isComing;
        (isEmpty ? window : this.open()).handUnsaved(id, kept);
      },
      onClosed: () => this.#closed(window),
    });
    this.#windows.push(window);
    this.#front = window;
    browser.on("focus", () => {
      this.#front = window;
      this.#showMenu();
    });
    void browser.loadURL(uiUrl);
    this.#showMenu();
    return window;
  }

  /**
   * Opens what the system hands over: a recipe in the window that has it, in one that holds nothing, or in a new one; models where
   * a role is empty in the window in front, in one that holds nothing, or in a new one.
   */
  hand({ recipes, models }: HandedPaths): void {
    for (const path of recipes) this.#handing = this.#handing.then(() => this.#handRecipe(path));
    if (models.length === 0) return;
    if (this.#models.length === 0) setTimeout(() => this.#handModels(), gatherMs);
    this.#models.push(...models);
  }

  async #handRecipe(path: string): Promise<void> {
    const open = await this.#windowWith(path);
    const window = open ?? this.#emptyWindow() ?? this.open();
    if (open === null) window.handRecipe(path);
    window.show();
  }

  #handModels(): void {
    const models = this.#models;
    this.#models = [];
    const front = this.#front?.told.takes === "models" ? this.#front : null;
    const window = front ?? this.#emptyWindow() ?? this.open();
    window.handModels(models);
    window.show();
  }

  async #windowWith(path: string): Promise<StudioWindow | null> {
    const wanted = await realOf(path);
    for (const window of this.#windows) {
      const { recipePath } = window;
      if (recipePath !== null && (await realOf(recipePath)) === wanted) return window;
    }
    return null;
  }

  #emptyWindow(): StudioWindow | null {
    const isEmpty = ({ told, isComing }: StudioWindow) => told.takes === "anything" && !isComing;
    if (this.#front !== null && isEmpty(this.#front)) return this.#front;
    return this.#windows.find(isEmpty) ?? null;
  }

  #answered(sender: WebContents) {
    const window = this.#windows.find(({ browser }) => !browser.isDestroyed() && browser.webContents === sender);
    return window === undefined ? null : { contents: window.browser.webContents, handlers: window.handlers };
  }

  async #askToQuit(): Promise<void> {
    this.#isAskingToQuit = true;
    try {
      for (const window of [...this.#windows]) {
        if (window.closing.isFree) continue;
        window.show();
        if (await window.closing.agree()) continue;
        for (const { closing } of this.#windows) closing.takeBack();
        return;
      }
    } finally {
      this.#isAskingToQuit = false;
    }
    app.quit();
  }

  #closed(window: StudioWindow): void {
    this.#windows.splice(this.#windows.indexOf(window), 1);
    if (this.#front === window) this.#front = this.#windows.at(-1) ?? null;
    this.#showMenu();
    // The engine's hidden window would keep the program alive.
    if (this.#windows.length === 0 && process.platform !== "darwin") app.quit();
  }

  /** The least number that no window has: its place is kept under it. */
  #freeSlot(): number {
    let slot = 0;
    while (this.#windows.some((window) => window.slot === slot)) slot++;
    return slot;
  }

  /** Of the window in front: its menus are the program's. */
  #showMenu(): void {
    const front = this.#front;
    setApplicationMenu({
      isDevelopment: isDevelopment(),
      actions: front?.told.actions ?? [],
      windows: this.#windows.map((window) => ({ name: window.name, isFront: window === front })),
      choose: (id, browser) => (this.#windowOf(browser) ?? this.#front)?.send({ type: "action", id }),
      show: (index) => this.#windows[index]?.show(),
      openWindow: () => void this.open(),
    });
  }

  #windowOf(browser: unknown): StudioWindow | null {
    if (!(browser instanceof BrowserWindow)) return null;
    return this.#windows.find((window) => window.browser === browser) ?? null;
  }
}

/** Without links; the path itself where there is nothing. */
function realOf(path: string): Promise<string> {
  return realpath(path).catch(() => path);
}
