import { createHash } from "node:crypto";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestInfo } from "@playwright/test";
import { comparePictures, drawDifference, type PictureDifference } from "./compare-pictures.ts";
import { encodeWithFewColours } from "./few-colours.ts";
import { decodePng, readNote } from "./png.ts";

const referenceFolder = join(import.meta.dirname, "..", "reference-pictures");

/** Letters at the edge of a pixel may fall to its other side on another machine: fewer pixels than in one letter. */
const mostFar = 24;
/** Of the pixels of a picture, at the edges of letters above all, this share is another shade for having few colours (0.021 at most, measured). */
const mostNear = 0.03;
/** A window that is busy shows its last change late; one that changes for longer than this shows something that moves. */
const settleMs = 10_000;

type Take = () => Promise<Buffer>;

/**
 * What is wrong with the window, beside its reference picture; null when nothing is. With `--update-snapshots` it becomes the
 * reference, unless the one that is there says the same.
 */
export async function compareWithReference(take: Take, name: string, testInfo: TestInfo): Promise<string | null> {
  const path = join(referenceFolder, `${name}.png`);
  const reference = await readFile(path).catch(() => null);
  const noted = reference === null ? null : readNote(reference);
  const { png, hash } = await settled(take, noted);
  if (hash === noted) return null;
  const actual = decodePng(png);
  const expected = reference === null ? null : decodePng(reference);
  const found = expected === null ? null : comparePictures(expected, actual);
  if (found !== null && isSame(found)) return null;
  if (["all", "changed"].includes(testInfo.config.updateSnapshots)) {
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, encodeWithFewColours(actual, hash));
    return null;
  }
  await keep(testInfo, `${name}.png`, png);
  if (expected === null || found === null) return `${name}: there is no reference picture`;
  await keep(testInfo, `${name}-difference.png`, drawDifference(expected, actual));
  const { farCount, nearShare, where } = found;
  return `${name}: ${farCount} pixels differ at ${where || "no one place"}, ${(100 * nearShare).toFixed(1)} % have another shade`;
}

function isSame({ farCount, nearShare }: PictureDifference): boolean {
  return farCount <= mostFar && nearShare <= mostNear;
}

/** A screenshot that is the noted one to the byte, or else one that the next one equals. */
async function settled(take: Take, noted: string | null): Promise<{ readonly png: Buffer; readonly hash: string }> {
  const deadline = Date.now() + settleMs;
  let before = "";
  for (;;) {
    const png = await take();
    const hash = createHash("sha256").update(png).digest("hex");
    if (hash === noted || hash === before || Date.now() > deadline) return { png, hash };
    before = hash;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function keep(testInfo: TestInfo, name: string, body: Buffer): Promise<void> {
  const path = testInfo.outputPath(name);
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, body);
  await testInfo.attach(name, { path, contentType: "image/png" });
}
