import type { ElectronApplication } from "@playwright/test";
import type { MeasureStart } from "../../electron/api/measuring.ts";
import type { Outcome } from "../../electron/api/outcome.ts";
import type { StudioApi } from "../../electron/api/studio-api.ts";
import type { StudioEvent } from "../../electron/api/window.ts";

type Told = Readonly<Record<string, unknown>>;

interface SteadyMain {
  readonly answers: Record<string, unknown>;
  /** Layers whose statistics are told; null: all. */
  layers: readonly number[] | null;
  readonly changes: Record<string, Told>;
}

/**
 * What main tells the window, with what differs from machine to machine and from run to run replaced: paths, devices, versions,
 * seconds. Everything else is what main says. Answers that take time in life can be given, held back, or kept from coming.
 */
export class SteadyTelling {
  readonly #app: ElectronApplication;

  private constructor(app: ElectronApplication) {
    this.#app = app;
  }

  /**
   * @param folder what stands in paths as "/home/ada/models"
   * @param fixed values by the name that they have in what main tells
   */
  static async begin(app: ElectronApplication, folder: string, fixed: Told): Promise<SteadyTelling> {
    await app.evaluate(
      ({ ipcMain, webContents }, { real, shown, values }) => {
        const steady: SteadyMain = { answers: {}, layers: null, changes: {} };
        Object.assign(globalThis, { steady });
        const steadied = (told: unknown): unknown => {
          if (typeof told === "string") return told.split(real).join(shown);
          if (Array.isArray(told)) return told.map(steadied);
          if (told === null || typeof told !== "object" || Object.getPrototypeOf(told) !== Object.prototype)
            return told;
          return Object.fromEntries(
            Object.entries(told).map(([name, value]) => [
              name,
              name in values && (name !== "because" || "adapter" in told) ? values[name] : steadied(value),
            ]),
          );
        };
        const partial = (told: { value?: object }, layers: readonly number[]) => {
          const start = told.value as MeasureStart;
          const tensors = start.tensors.filter(({ name }) =>
            layers.includes(Number(/layers\.(\d+)\./.exec(name)?.[1])),
          );
          const measure = {
            ...start.measure,
            phase: "measuring",
            bytesRead: 3.1e9,
            bytesToRead: 8.2e9,
            secondsLeft: 4,
          };
          return { ...told, value: { ...start, measure, tensors } };
        };
        type Handler = (...words: unknown[]) => unknown;
        // Electron's own table: `ipcMain.handle` refuses a second handler, and there is no way to wrap the first.
        const handlers = (ipcMain as unknown as { _invokeHandlers: Map<string, Handler> })._invokeHandlers;
        for (const [channel, handler] of handlers) {
          handlers.set(channel, async (...words) => {
            if (channel in steady.answers) {
              const answer = steady.answers[channel];
              return answer === "none" ? new Promise(() => {}) : answer;
            }
            const told = steadied(await handler(...words)) as { ok?: boolean; value?: object };
            if (channel === "startMeasure" && steady.layers !== null) return partial(told, steady.layers);
            if (!(channel in steady.changes)) return told;
            return channel === "environment"
              ? { ...told, ...steady.changes[channel] }
              : { ...told, value: { ...told.value, ...steady.changes[channel] } };
          });
        }
        const ui = webContents.getAllWebContents().find((each) => each.getURL().startsWith("studio://app/"));
        if (ui === undefined) throw new Error("there is no window");
        const send = ui.send.bind(ui);
        ui.send = (channel, ...words) => send(channel, ...words.map(steadied));
        Object.assign(globalThis, { tellWindow: (event: unknown) => send("studio-event", event) });
      },
      { real: folder, shown: "/home/ada/models", values: fixed },
    );
    return new SteadyTelling(app);
  }

  /** From now on this request is answered so, and main does not hear of it. */
  async answer(name: keyof StudioApi, answer: Outcome<unknown>): Promise<void> {
    await this.#set("answers", name, answer);
  }

  /** From now on this request is never answered. */
  async holdBack(name: keyof StudioApi): Promise<void> {
    await this.#set("answers", name, "none");
  }

  /** From now on the answer of main has these values. */
  async change(name: keyof StudioApi, values: Told): Promise<void> {
    await this.#set("changes", name, values);
  }

  /** Measuring stands still from now on, part of the way: of these layers everything is known, of the others nothing. */
  async measuringAt(layers: readonly number[]): Promise<void> {
    await this.#app.evaluate((_electron, known) => {
      (globalThis as unknown as { steady: SteadyMain }).steady.layers = known;
    }, layers);
  }

  /** Main answers itself again. */
  async answerAsMain(): Promise<void> {
    await this.#app.evaluate(() => {
      const { steady } = globalThis as unknown as { steady: SteadyMain };
      steady.layers = null;
      for (const table of [steady.answers, steady.changes] as Record<string, unknown>[]) {
        for (const name of Object.keys(table)) delete table[name];
      }
    });
  }

  async tell(event: StudioEvent): Promise<void> {
    await this.#app.evaluate(
      (_electron, told) => (globalThis as unknown as { tellWindow(event: unknown): void }).tellWindow(told),
      event,
    );
  }

  async #set(table: "answers" | "changes", name: string, value: unknown): Promise<void> {
    await this.#app.evaluate(
      (_electron, [at, key, given]) => {
        const { steady } = globalThis as unknown as { steady: SteadyMain };
        Object.assign(steady[at], { [key]: given });
      },
      [table, name, value] as const,
    );
  }
}
