import { mkdtemp, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { launchStudio, runCli, type Studio } from "../launch.ts";
import { answerOpenDialogs } from "../support/dialogs.ts";
import { card, untilMeasured } from "../support/models.ts";
import { expect, type SamplePaths } from "../support/workspace.ts";
import { SteadyTelling } from "./steady-main.ts";

/** The application as it stands for its pictures: one window for all of them, one scene after another. */
export interface Stage {
  readonly studio: Studio;
  readonly ui: Page;
  readonly main: SteadyTelling;
  /** Shown as /home/ada/models. */
  readonly folder: string;
  readonly models: StageModels;
}

export interface StageModels {
  /** 32 layers. */
  readonly llama: SamplePaths;
  /** 126 layers. */
  readonly deep: SamplePaths;
  /** A mixture of experts. */
  readonly experts: SamplePaths;
  /** Another chat model of the same base. */
  readonly other: SamplePaths;
}

/** What differs from machine to machine and from run to run, by its name in what main tells. */
const fixed = {
  version: "1.0.0",
  electron: "45.4.1",
  chromium: "150.0.1",
  runtimeWarning: null,
  adapter: "NVIDIA RTX 4090",
  kind: "gpu",
  fallback: false,
  computeFixed: null,
  knownDevices: {
    gpu: { name: "NVIDIA RTX 4090", isFallback: false },
    cpu: "CPU, 16 threads (WASM SIMD)",
    auto: { kind: "gpu", adapter: "NVIDIA RTX 4090", because: "it is the fastest here" },
  },
  because: "it is the fastest here",
  freeBytes: 412_000_000_000,
  remembered: false,
  modifiedMs: Date.now() - 9.3 * 86_400_000,
  startedAt: "2026-03-14T09:26:53Z",
};

/** With models of its own. Letters and pixels are drawn the same on every machine; numbers are computed on the CPU. */
export async function openStage(): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), "chat-vector-pictures-"));
  const models = await makeStageModels(folder);
  const studio = await launchStudio({
    switches: ["--force-device-scale-factor=1", "--disable-lcd-text", "--force-color-profile=srgb"],
    env: {
      HF_HUB_CACHE: join(folder, "hub"),
      FONTCONFIG_FILE: join(import.meta.dirname, "fonts.conf"),
      LANG: "C.UTF-8",
      CHAT_VECTOR_BACKEND: "cpu",
    },
  });
  const { ui, app } = studio;
  // Others' windows on the same display would take the focus.
  const session = await app.context().newCDPSession(ui);
  await session.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  // The display has a pointer as well, which stands where it likes.
  await app.evaluate(({ BrowserWindow }) => {
    for (const window of BrowserWindow.getAllWindows()) window.setIgnoreMouseEvents(true);
  });
  await expect(ui.getByRole("status", { name: "Engine" })).toContainText(/CPU|GPU|SwiftShader/);
  const main = await SteadyTelling.begin(app, folder, fixed);
  return { studio, ui, main, folder, models };
}

const shapes = {
  llama: { names: ["tiny-llama", "tiny-llama-chat", "tiny-llama-ko"], words: ["--parameters", "2M", "--layers", "32"] },
  deep: { names: ["deep", "deep-chat", "deep-ko"], words: ["--parameters", "4M", "--layers", "126"] },
  experts: {
    names: ["mix", "mix-chat", "mix-ko"],
    words: ["--parameters", "2M", "--layers", "12", "--experts", "8"],
  },
  other: {
    names: ["tiny-llama-2", "tiny-llama-math", "tiny-llama-en"],
    words: ["--parameters", "2M", "--layers", "32", "--seed", "7"],
  },
} as const;

export async function closeStage({ studio, folder }: Stage): Promise<void> {
  await studio.close();
  await rm(folder, { recursive: true, force: true });
}

async function makeStageModels(folder: string): Promise<StageModels> {
  const { llama, deep, experts, other } = shapes;
  return {
    llama: await makeModels(folder, llama),
    deep: await makeModels(folder, deep),
    experts: await makeModels(folder, experts),
    other: await makeModels(folder, other),
  };
}

/** Each model in a folder under the name that a person would have given it. */
async function makeModels(
  folder: string,
  { names, words }: (typeof shapes)[keyof typeof shapes],
): Promise<SamplePaths> {
  const set = join(folder, `made-${names[0]}`);
  const { code, stdout, stderr } = await runCli(["samples", "--out", set, ...words, "--json"]);
  if (code !== 0) throw new Error(`making samples failed: ${stderr}`);
  const made = JSON.parse(stdout) as SamplePaths;
  const named = { base: join(folder, names[0]), chat: join(folder, names[1]), target: join(folder, names[2]) };
  for (const role of ["base", "chat", "target"] as const) await rename(made[role], named[role]);
  await rm(set, { recursive: true });
  return named;
}

/** A new window: no models, no export, main answering itself. */
export async function startOver({ main, ui }: Stage): Promise<void> {
  await main.answerAsMain();
  await main.answer("recentModels", { ok: true, value: [] });
  await main.answer("recentRecipes", { ok: true, value: [] });
  await main.change("environment", { job: null });
  await ui.reload();
  await expect(ui.getByRole("status", { name: "Engine" })).toContainText("RTX 4090");
}

export async function pick(stage: Stage, role: "Target" | "Chat" | "Base", path: string): Promise<void> {
  await answerOpenDialogs(stage.studio.app, [path]);
  const place = card(stage.ui, role);
  await place.getByRole("button", { name: "Choose folder…" }).click();
  await expect(place).toHaveAttribute("data-state", "loaded");
}

export async function pickAll(stage: Stage, { target, chat, base }: SamplePaths): Promise<void> {
  await pick(stage, "Target", target);
  await pick(stage, "Chat", chat);
  await pick(stage, "Base", base);
}

/** The selected tensor's rows and values are there as well. */
export async function untilInspected({ ui }: Stage): Promise<void> {
  await expect(ui.getByRole("img", { name: /^Norm of τ/ })).toBeVisible();
  await expect(ui.getByRole("img", { name: /^Values/ })).toBeVisible();
}

export async function measureAll(stage: Stage, models: SamplePaths): Promise<void> {
  await pickAll(stage, models);
  await untilMeasured(stage.ui);
}
