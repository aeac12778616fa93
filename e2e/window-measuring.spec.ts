import { cp, open, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { launchStudio, type Studio } from "./launch.ts";
import { answerOpenDialogs } from "./support/dialogs.ts";
import { activeCell, heatmap, moveToCell, readCells } from "./support/heatmap.ts";
import { card, measureModels, measureStatus, pickModels, untilMeasured } from "./support/models.ts";
import { bytesReadBy, engineProcessId } from "./support/process-io.ts";
import { ReferenceModels, tensorsAt } from "./support/reference-measure.ts";
import { wrongNumber } from "./support/shown-number.ts";
import { slowEngine } from "./support/slow-engine.ts";
import { expect, type SamplePaths, test } from "./support/workspace.ts";

let studio: Studio;

test.beforeEach(async () => {
  studio = await launchStudio();
});

test.afterEach(async () => {
  await studio.close();
});

/** Cells of one row that are wrong. */
async function wrongInFirstRow({ ui }: Studio, models: SamplePaths): Promise<string[]> {
  const reference = await ReferenceModels.open(models);
  return [...(await readCells(ui, 1))].flatMap(([place, value]) => {
    const wrong = wrongNumber(value, reference.figures(tensorsAt(place, reference.names)).relative);
    return wrong === null ? [] : [`${place}: ${wrong}`];
  });
}

const isKnown = (said: string | undefined) => said !== undefined && !said.includes("not measured yet");

test("cells fill in while the pass runs, a spread of layers first; it can be stopped and goes on", async ({
  largeSamples,
}) => {
  const { ui } = studio;
  await slowEngine(studio.engine, 400);
  await pickModels(studio, largeSamples);
  await expect(ui.getByRole("progressbar", { name: "Measuring" })).toBeVisible();
  await expect(async () => {
    const progress = await ui.getByRole("progressbar", { name: "Measuring" }).getAttribute("aria-valuenow");
    expect(Number(progress)).toBeGreaterThan(15);
  }).toPass({ intervals: [50] });
  await ui.getByRole("button", { name: "Stop" }).click();
  await expect(measureStatus(ui)).toContainText("Stopped at");
  // Ends and middle are known while layers between them are not, and what lies outside comes last.
  const cells = await readCells(ui, 1);
  const known = ["layer 0", "layer 15", "layer 8", "layer 1"].map((at) => isKnown(cells.get(`q_proj, ${at}`)));
  expect(known).toEqual([true, true, true, false]);
  expect(cells.get("head")).toContain("not measured yet");
  const stopped = await measureStatus(ui).textContent();
  const label = await moveToCell(ui, "q_proj", 1);
  expect(label).toContain("not measured yet");
  await ui.waitForTimeout(1500);
  expect(await measureStatus(ui).textContent()).toBe(stopped);
  expect(await activeCell(ui)).toBe(label);

  await slowEngine(studio.engine, 0);
  await ui.getByRole("button", { name: "Go on" }).click();
  await untilMeasured(ui);
  expect(await wrongInFirstRow(studio, largeSamples)).toEqual([]);
});

test("the first cells appear within a second", async ({ largeSamples }) => {
  let best = Number.POSITIVE_INFINITY;
  // Another program may hold the processor for a second; not three times in a row.
  for (let attempt = 0; attempt < 3 && best >= 1000; attempt++) {
    if (attempt > 0) {
      // A profile of its own: nothing is remembered.
      await studio.close();
      studio = await launchStudio();
    }
    best = Math.min(best, await firstCellsMs(studio, largeSamples));
  }
  process.stdout.write(`first cells ${best.toFixed(0)} ms after the last model was chosen, the engine being ready\n`);
  expect(best).toBeLessThan(1000);
});

/** Milliseconds from choosing the last model until a cell has a number. */
async function firstCellsMs(of: Studio, models: SamplePaths): Promise<number> {
  const { ui, app } = of;
  await expect(ui.getByRole("status", { name: "Engine" })).toContainText(/CPU|GPU|SwiftShader/);
  await pickModels(of, { target: models.target, chat: models.chat });
  await answerOpenDialogs(app, [models.base]);
  const shown = ui.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let start = 0;
        document.addEventListener("click", () => (start ||= performance.now()), { capture: true, once: true });
        const look = () => {
          const label = document.querySelector("[role=gridcell]")?.getAttribute("aria-label") ?? "";
          if (/\d\s%$/.test(label)) resolve(performance.now() - start);
          else requestAnimationFrame(look);
        };
        look();
      }),
  );
  await card(ui, "Base").getByRole("button", { name: "Choose folder…" }).click();
  return shown;
}

test("measuring reads each byte once", async ({ largeSamples }) => {
  test.skip(process.platform !== "linux", "what a process has read is told by /proc");
  const engine = await engineProcessId(studio.app);
  const before = await bytesReadBy(engine);
  await measureModels(studio, largeSamples);
  const read = (await bytesReadBy(engine)) - before;
  const files = [largeSamples.base, largeSamples.chat, largeSamples.target];
  let bytes = 0;
  for (const folder of files) bytes += (await stat(join(folder, "model.safetensors"))).size;
  expect(read).toBeGreaterThan(0.99 * bytes);
  expect(read).toBeLessThan(1.01 * bytes);
});

test("what was measured is remembered: the same models show at once, and nothing is read", async ({ largeSamples }) => {
  const { ui } = studio;
  await measureModels(studio, largeSamples);
  const cells = await readCells(ui, 2);
  await card(ui, "Chat").getByRole("button", { name: "Chat model actions" }).click();
  await ui.getByRole("menuitem", { name: "Clear" }).click();
  await expect(heatmap(ui)).toHaveCount(0);
  const engine = process.platform === "linux" ? await engineProcessId(studio.app) : null;
  const before = engine === null ? 0 : await bytesReadBy(engine);
  await pickModels(studio, { chat: largeSamples.chat });
  await expect(measureStatus(ui)).toContainText("Remembered.");
  expect(await readCells(ui, 2)).toEqual(cells);
  // Selecting cells may read single tensors for the inspector; the pass would have read all 180 MB.
  if (engine !== null) expect((await bytesReadBy(engine)) - before).toBeLessThan(20e6);
});

test("NaN and infinity are counted, named by tensor and place, and shown", async ({ folder, samples }) => {
  const { ui } = studio;
  const broken = { ...samples, chat: join(folder, "chat") };
  await cp(samples.chat, broken.chat, { recursive: true });
  await poison(join(broken.chat, "model.safetensors"), "model.layers.3.mlp.up_proj.weight", 7, 0x7fc0);
  await poison(join(broken.chat, "model.safetensors"), "model.layers.3.mlp.up_proj.weight", 100, 0xff80);
  await measureModels(studio, broken);
  await ui.getByRole("button", { name: "1 tensor with NaN or ∞" }).click();
  const inspector = ui.getByRole("region", { name: "Inspector" });
  await expect(inspector).toContainText("model.layers.3.mlp.up_proj.weight");
  await expect(inspector.getByRole("note")).toContainText("2 elements left out of the figures");
  await expect(inspector.getByRole("note")).toContainText("the first is in chat at [0, 7]");
  await inspector.getByRole("button", { name: "Show the value" }).click();
  await expect(inspector.getByRole("cell").first()).toHaveText("NaN");
  expect(await moveToCell(ui, "up_proj", 3)).toContain("has NaN or infinity");
  // The other elements still count.
  const healthy = await ReferenceModels.open(samples);
  const { relative } = healthy.figures(["model.layers.3.mlp.up_proj.weight"]);
  const shown = Number.parseFloat((await activeCell(ui)).split("relative norm ")[1] ?? "");
  expect(Math.abs(shown / (100 * relative) - 1)).toBeLessThan(0.01);
});

test("a model that is changed on disk is read again, and nothing of the old one stays", async ({ folder, samples }) => {
  const { ui } = studio;
  const own = { ...samples, chat: join(folder, "chat") };
  await cp(samples.chat, own.chat, { recursive: true });
  await measureModels(studio, own);
  await moveToCell(ui, "q_proj", 2);
  // The chat model becomes the base, but for its name: τ is zero.
  await cp(join(samples.base, "model.safetensors"), join(own.chat, "model.safetensors"));
  await ui.getByRole("spinbutton", { name: "Scale λ" }).fill("0.5");
  await expect(ui.getByText("chat was changed on disk, and has been read again")).toBeVisible();
  await expect(measureStatus(ui)).toContainText("Whole model 0");
  expect(await moveToCell(ui, "q_proj", 2)).toMatch(/relative norm 0\s?%$/);
  await expect(ui.getByRole("region", { name: "Inspector" })).toContainText("100");
});

test("values of a file that was changed on disk are never mixed with the old figures", async ({ folder, samples }) => {
  const { ui } = studio;
  const own = { ...samples, chat: join(folder, "chat") };
  await cp(samples.chat, own.chat, { recursive: true });
  await measureModels(studio, own);
  await cp(join(samples.base, "model.safetensors"), join(own.chat, "model.safetensors"));
  // Looking at a tensor is enough to notice.
  await moveToCell(ui, "q_proj", 2);
  await expect(ui.getByText("chat was changed on disk, and has been read again")).toBeVisible();
  await expect(measureStatus(ui)).toContainText("Whole model 0");
});

test("measuring goes on after the engine was killed in the middle", async ({ largeSamples }) => {
  await killInTheMiddle(largeSamples, () => engineProcessId(studio.app));
});

test("measuring goes on after the engine said what no engine says", async ({ largeSamples }) => {
  const { engine } = studio;
  await stopInTheMiddle(largeSamples, async () => {
    // Whatever it says next.
    await engine.evaluate(() => {
      const { postMessage } = MessagePort.prototype;
      MessagePort.prototype.postMessage = function (this: MessagePort) {
        postMessage.call(this, { type: "measured", job: "../../etc", bytesRead: -1 });
      };
    });
    await engine.waitForEvent("close");
  });
});

test("measuring on the GPU goes on after the device was lost in the middle", async ({ largeSamples }) => {
  await studio.close();
  studio = await launchStudio({ env: { CHAT_VECTOR_BACKEND: "gpu" } });
  await expect(studio.ui.getByRole("status", { name: "Engine" })).not.toContainText("CPU");
  await killInTheMiddle(largeSamples, () =>
    studio.app.evaluate(({ app }) => app.getAppMetrics().find(({ type }) => type === "GPU")?.pid ?? 0),
  );
});

async function killInTheMiddle(models: SamplePaths, processId: () => Promise<number>): Promise<void> {
  await stopInTheMiddle(models, async () => {
    process.kill(await processId(), "SIGKILL");
  });
}

async function stopInTheMiddle(models: SamplePaths, stop: () => Promise<void>): Promise<void> {
  const { ui, app } = studio;
  const engine = await engineProcessId(app);
  await slowEngine(studio.engine, 400);
  await pickModels(studio, models);
  const progress = ui.getByRole("progressbar", { name: "Measuring" });
  await expect(progress).not.toHaveAttribute("aria-valuenow", "0");
  const at = Number(await progress.getAttribute("aria-valuenow"));
  await stop();
  expect(at).toBeLessThan(90);
  await untilMeasured(ui);
  expect(await engineProcessId(app)).not.toBe(engine);
  expect(await wrongInFirstRow(studio, models)).toEqual([]);
  await expect(ui.getByRole("alert")).toHaveCount(0);
}

/** Writes one 16-bit element of a tensor in a safetensors file. */
async function poison(path: string, tensor: string, index: number, bits: number): Promise<void> {
  const bytes = await readFile(path);
  const headerLength = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString("utf8", 8, 8 + headerLength));
  const file = await open(path, "r+");
  const place = 8 + headerLength + header[tensor].data_offsets[0] + 2 * index;
  await file.write(Uint8Array.of(bits & 0xff, bits >> 8), 0, 2, place);
  await file.close();
}
