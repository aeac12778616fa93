import { beforeEach, describe, expect, it, vi } from "vitest";
import { exportBlocker } from "./export-blocker.ts";
import { replanDelayMs } from "./plan-slice.ts";
import type { StudioState } from "./studio-state.ts";
import { createStudioStore, type StudioStore } from "./studio-store.ts";
import {
  createFakeStudio,
  deferred,
  environment,
  type FakeStudio,
  fail,
  jobState,
  outputChoice,
  planSummary,
  succeed,
} from "./testing/fake-studio.ts";

let studio: FakeStudio;
let store: StudioStore;
const state = () => store.getState();

async function ready(): Promise<void> {
  await state().openSamples();
  await vi.advanceTimersByTimeAsync(replanDelayMs);
}

beforeEach(() => {
  vi.useFakeTimers();
  studio = createFakeStudio();
  store = createStudioStore(studio);
  return () => vi.useRealTimers();
});

describe("the output folder", () => {
  it("is proposed beside the target, and again for another target", async () => {
    await ready();
    expect(state().output?.id).toBe("beside-target");
    await state().openModel("chat", { kind: "folder" });
    expect(studio.argumentsOf("proposeOutput")).toEqual(["target"]);
    state().swapModels("target", "base");
    await vi.advanceTimersByTimeAsync(0);
    expect(state().output?.id).toBe("beside-base");
  });

  it("goes with its target", async () => {
    await ready();
    state().clearModel("target");
    expect(state().output).toBeNull();
  });

  it("stays where the user put it", async () => {
    await ready();
    await state().pickOutput();
    expect(studio.argumentsOf("pickOutput")).toEqual(["beside-target"]);
    state().swapModels("target", "base");
    await vi.advanceTimersByTimeAsync(0);
    expect(state()).toMatchObject({ output: { id: "picked-output" }, outputPicked: true });
  });

  it("stays as it was when the dialog is dismissed", async () => {
    await ready();
    studio.answer("pickOutput", async () => succeed(null));
    await state().pickOutput();
    expect(state()).toMatchObject({ output: { id: "beside-target" }, outputPicked: false });
  });

  it("that was picked wins over a proposal on its way", async () => {
    await ready();
    const slow = deferred<Awaited<ReturnType<FakeStudio["pickOutput"]>>>();
    studio.answer("pickOutput", () => slow.promise);
    const picking = state().pickOutput();
    state().swapModels("target", "base");
    slow.resolve(succeed(outputChoice("picked-late")));
    await picking;
    await vi.advanceTimersByTimeAsync(0);
    expect(state().output?.id).toBe("picked-late");
  });

  it("says why there is none, and can be proposed again", async () => {
    studio.answer("proposeOutput", async () => fail({ code: "output-permission", what: "No permission" }));
    await ready();
    expect(state()).toMatchObject({ output: null, outputFailure: { code: "output-permission" } });
    studio.answer("proposeOutput", async () => succeed(outputChoice("other")));
    await state().proposeOutput();
    expect(state()).toMatchObject({ output: { id: "other" }, outputFailure: null });
  });

  it("is replaced only when that was said for this very folder", async () => {
    await ready();
    studio.answer("pickOutput", async () => succeed(outputChoice("there", { exists: true })));
    await state().pickOutput();
    expect(exportBlocker(state())).toBe("The output folder exists");
    state().setOverwrite(true);
    expect(exportBlocker(state())).toBeNull();
    await state().pickOutput();
    expect(state().overwrite).toBe(false);
  });
});

describe("an export", () => {
  it("is started with the recipe, the folder's id and the word on replacing", async () => {
    await ready();
    state().setScale(0.7);
    await state().startExport();
    expect(studio.argumentsOf("startExport")).toEqual([
      {
        recipe: {
          version: 1,
          target: "target",
          vectors: [{ name: "chat", chat: "chat", base: "base", scale: 0.7 }],
        },
        outputId: "beside-target",
        overwrite: false,
        unfinished: "resume",
      },
    ]);
    expect(state()).toMatchObject({ starting: false, job: { phase: "preparing" } });
  });

  it("is started once, however often it is asked for", async () => {
    await ready();
    await Promise.all([state().startExport(), state().startExport()]);
    await state().startExport();
    expect(studio.argumentsOf("startExport")).toHaveLength(1);
  });

  it("does not go back when its first news overtakes the answer", async () => {
    await ready();
    studio.answer("startExport", async () => {
      studio.emit({ type: "job", job: jobState("job", { bytesRead: 30 }) });
      return succeed(jobState("job", { phase: "preparing" }));
    });
    await state().startExport();
    expect(state().job).toMatchObject({ phase: "merging", bytesRead: 30 });
  });

  it("says why it did not start", async () => {
    await ready();
    studio.answer("startExport", async () => fail({ code: "output-space", what: "No room" }));
    await state().startExport();
    expect(state()).toMatchObject({ job: null, starting: false, jobFailure: { code: "output-space" } });
    expect(exportBlocker(state())).toBeNull();
  });

  it("asks in place when the folder came to be there meanwhile", async () => {
    await ready();
    studio.answer("startExport", async () => fail({ code: "output-exists", what: "The folder exists" }));
    await state().startExport();
    expect(state()).toMatchObject({ output: { exists: true }, overwrite: false });
    expect(exportBlocker(state())).toBe("The output folder exists");
  });

  it("gets a new folder proposed when it is done", async () => {
    await ready();
    await state().startExport();
    studio.answer("proposeOutput", async () => succeed(outputChoice("beside-target-2")));
    studio.emit({ type: "job", job: jobState("job", { phase: "done" }) });
    await vi.advanceTimersByTimeAsync(0);
    expect(state().output?.id).toBe("beside-target-2");
    expect(exportBlocker(state())).toBeNull();
  });

  it("into a picked folder asks before that is replaced by the next", async () => {
    await ready();
    await state().pickOutput();
    await state().startExport();
    studio.emit({ type: "job", job: jobState("job", { phase: "done" }) });
    expect(state().output).toMatchObject({ id: "picked-output", exists: true });
  });

  it("is cancelled once main says so", async () => {
    await ready();
    await state().startExport();
    await state().cancelExport();
    expect(studio.argumentsOf("cancelExport")).toEqual(["job"]);
    expect(state()).toMatchObject({ cancelling: true, job: { phase: "preparing" } });
    studio.emit({ type: "job", job: jobState("job", { phase: "cancelled" }) });
    expect(state()).toMatchObject({ cancelling: false, job: { phase: "cancelled" } });
  });

  it("goes on, and says why, when it cannot be cancelled", async () => {
    await ready();
    await state().startExport();
    studio.answer("cancelExport", () => Promise.reject(new Error("no such job")));
    await state().cancelExport();
    expect(state()).toMatchObject({ cancelling: false, jobFailure: { code: "unexpected", actual: "no such job" } });
  });

  it("hears nothing of another job while it runs", async () => {
    await ready();
    await state().startExport();
    studio.emit({ type: "job", job: jobState("another") });
    expect(state().job?.id).toBe("job");
  });

  it("that was put away stays away", async () => {
    await ready();
    await state().startExport();
    state().dismissJob();
    expect(state().job?.id).toBe("job");
    studio.emit({ type: "job", job: jobState("job", { phase: "failed" }) });
    state().dismissJob();
    studio.emit({ type: "job", job: jobState("job", { phase: "failed" }) });
    expect(state().job).toBeNull();
  });

  it("has its path copied, or says why not", async () => {
    await ready();
    await state().startExport();
    expect(await state().copyPath()).toBe(true);
    studio.answer("copyPath", () => Promise.reject(new Error("no clipboard")));
    expect(await state().copyPath()).toBe(false);
    expect(state().jobFailure?.actual).toBe("no clipboard");
    await state().showInFolder();
    expect(studio.argumentsOf("showInFolder")).toEqual(["job"]);
    expect(state().jobFailure).toBeNull();
  });
});

describe("Export waits", () => {
  const problem = { code: "shape-differs", message: "Shapes differ" } as const;
  const blocked = (change: Partial<StudioState>) => exportBlocker({ ...state(), ...change });

  it("for the models that are missing", async () => {
    expect(exportBlocker(state())).toBe("Choose the target, chat and base");
    await ready();
    state().clearModel("chat");
    expect(exportBlocker(state())).toBe("Choose the chat");
  });

  it("for no one when all is there", async () => {
    await ready();
    expect(exportBlocker(state())).toBeNull();
  });

  it("not for a plan that is only renewed", async () => {
    await ready();
    expect(blocked({ planning: true })).toBeNull();
    expect(blocked({ planning: true, plan: null })).toBe("Planning");
  });

  it("for errors and decisions", async () => {
    await ready();
    const decision = { ...problem, severity: "decision" } as const;
    const error = { ...problem, severity: "error" } as const;
    expect(blocked({ plan: planSummary({ exportable: false, problems: [decision, decision] }) })).toBe(
      "2 decisions to take",
    );
    expect(blocked({ plan: planSummary({ exportable: false, problems: [error, decision] }) })).toBe(
      "1 error to resolve",
    );
    const settled = { ...decision, choices: [{ id: "keep-target", label: "Keep", selected: true }] };
    expect(blocked({ plan: planSummary({ exportable: false, problems: [decision, settled] }) })).toBe(
      "1 decision to take",
    );
    expect(blocked({ plan: planSummary({ problems: [settled] }) })).toBeNull();
  });

  it("for a λ that is a number, an output, and a running export", async () => {
    await ready();
    state().typeScale("0.8x");
    expect(blocked({})).toBe("λ is not a number that can be used");
    state().typeScale("0.8");
    expect(blocked({ output: null })).toBe("Choosing an output folder");
    expect(blocked({ job: jobState("job") })).toBe("An export is running");
    expect(blocked({ job: jobState("job", { phase: "failed" }) })).toBeNull();
  });
});

describe("the environment", () => {
  it("does not overwrite news of the engine that came before it", async () => {
    const engine = {
      status: "ready",
      kind: "gpu",
      adapter: "A GPU",
      fallback: false,
      because: null,
      failure: null,
    } as const;
    studio.emit({ type: "engine", engine });
    await vi.advanceTimersByTimeAsync(0);
    expect(state().environment?.version).toBe("0.1.0");
    expect(state().engine).toEqual(engine);
  });

  it("brings back the export that runs when the window is opened anew", async () => {
    const running = createFakeStudio();
    running.answer("environment", async () => ({ ...environment, job: jobState("job", { bytesRead: 30 }) }));
    const other = createStudioStore(running);
    await vi.advanceTimersByTimeAsync(0);
    expect(other.getState().job).toMatchObject({ id: "job", bytesRead: 30 });
  });

  it("that cannot be had is said", async () => {
    const broken = createFakeStudio();
    broken.answer("environment", () => Promise.reject(new Error("no main")));
    const other = createStudioStore(broken);
    await vi.advanceTimersByTimeAsync(0);
    expect(other.getState().windowFailure).toMatchObject({ code: "unexpected", actual: "no main" });
  });
});
