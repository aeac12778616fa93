import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ExportResult, JobState } from "../../electron/api/exports.ts";
import { expect } from "../support/workspace.ts";
import type { Scene } from "./scene.ts";
import { measureAll, pickAll, type Stage, startOver } from "./stage.ts";

const job: JobState = {
  id: "job",
  phase: "preparing",
  waitsFor: null,
  outputPath: "/home/ada/models/tiny-llama-ko-chat",
  bytesRead: 0,
  bytesToRead: 40_430_000_000,
  bytesWritten: 0,
  bytesToWrite: 13_480_000_000,
  seconds: 0,
  bytesPerSecond: null,
  secondsLeft: null,
  result: null,
  failure: null,
  resumable: false,
};
const merging: JobState = {
  ...job,
  phase: "merging",
  bytesRead: 17_420_000_000,
  bytesWritten: 5_870_000_000,
  seconds: 8.4,
  bytesPerSecond: 4_400_000_000,
  secondsLeft: 7,
};
const result: ExportResult = {
  out: job.outputPath,
  backend: "gpu",
  adapter: "NVIDIA RTX 4090",
  because: "it is the fastest here",
  seconds: 12.4,
  bytesRead: job.bytesToRead,
  bytesWritten: job.bytesToWrite,
  tensors: { merged: 291, copied: 0 },
  files: [
    "model-00001-of-00003.safetensors",
    "model-00002-of-00003.safetensors",
    "model-00003-of-00003.safetensors",
  ].map((name) => ({ name, bytes: 4_493_333_333, sha256: "0".repeat(64) })),
  verified: { samples: 66_000, mismatches: 0 },
  problems: [],
};
const exportStrip = (stage: Stage) => stage.ui.getByRole("region", { name: "Export", exact: true });

async function exportAs(stage: Stage, state: JobState): Promise<void> {
  await stage.main.tell({ type: "job", job: state });
}

/** As large as it would be in life: what main says of models and plan is of small ones. */
async function inLife({ main }: Stage): Promise<void> {
  await main.change("pickCheckpoint", {
    parameters: 6_740_000_000,
    bytes: job.bytesToWrite,
    vocabularySize: 32_000,
    fileCount: 3,
  });
  await main.change("plan", { bytesRead: job.bytesToRead, bytesWritten: job.bytesToWrite, fileCount: 3 });
}

/** The export, from asked for to its end, and what can stand in its way. */
export const exportScenes: readonly Scene[] = [
  {
    name: "merging",
    async show(stage) {
      await startOver(stage);
      await inLife(stage);
      await measureAll(stage, stage.models.llama);
      await stage.main.answer("startExport", { ok: true, value: job });
      await stage.ui.getByRole("button", { name: "Export", exact: true }).click();
      await exportAs(stage, merging);
      await expect(exportStrip(stage)).toContainText("4.4");
    },
  },
  {
    name: "paused",
    large: false,
    async show(stage) {
      await exportAs(stage, { ...merging, phase: "paused", bytesPerSecond: null, secondsLeft: null });
      await expect(exportStrip(stage)).toContainText("Paused");
    },
  },
  {
    name: "done",
    async show(stage) {
      await exportAs(stage, {
        ...merging,
        phase: "done",
        bytesRead: job.bytesToRead,
        bytesWritten: job.bytesToWrite,
        result,
      });
      await expect(exportStrip(stage)).toContainText("Written and verified");
    },
  },
  {
    name: "failed",
    large: false,
    async show(stage) {
      const { ui, main } = stage;
      const second = "second-job";
      await main.answer("startExport", { ok: true, value: { ...job, id: second } });
      await ui.getByRole("button", { name: "Export again" }).click();
      await exportAs(stage, {
        ...merging,
        id: second,
        phase: "failed",
        resumable: true,
        failure: {
          code: "output-space",
          what: "The disk is full",
          where: "/home/ada/models/tiny-llama-ko-chat",
          expected: "7.61 GB free",
          actual: "1.2 GB free",
          advice: "Make room and resume: what is written is kept",
        },
      });
      await expect(exportStrip(stage)).toContainText("The disk is full");
    },
  },
  {
    name: "output-exists",
    large: false,
    async show(stage) {
      await startOver(stage);
      await stage.main.change("proposeOutput", {
        exists: true,
        freeBytes: 1_200_000,
        unfinished: { bytesWritten: 3_100_000, bytesToWrite: 4_040_000, startedAt: "2026-03-14T09:26:53Z" },
      });
      await measureAll(stage, stage.models.llama);
    },
  },
  {
    name: "does-not-fit",
    async show(stage) {
      await startOver(stage);
      const { folder, models } = stage;
      const other = join(folder, "mistral-chat");
      await cp(models.llama.chat, other, { recursive: true });
      const config = { model_type: "mistral", architectures: ["MistralForCausalLM"], hidden_size: 128 };
      await writeFile(join(other, "config.json"), JSON.stringify(config));
      await pickAll(stage, { ...models.llama, chat: other });
      await expect(stage.ui.getByRole("region", { name: "Models" })).toContainText("architecture of chat is mistral");
    },
  },
];
