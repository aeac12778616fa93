import { describe, expect, test } from "vitest";
import { decodeUtf8, encodeUtf8 } from "../../src-core/checkpoint/utf8.ts";
import { exitCodes, StudioError } from "../../src-core/errors.ts";
import type { Random } from "../../src-core/random.ts";
import { type FuzzDocument, latin1, pick } from "../../src-core/test-support/fuzz/document.ts";
import { fuzz } from "../../src-core/test-support/fuzz/fuzz.ts";
import { mutateText } from "../../src-core/test-support/fuzz/mutate-text.ts";
import { parseCommand } from "./command-line.ts";

/** A line of words, one on each line of the document: a word may have any character but a line's end. */
const lines = [
  "merge --base b --chat c --target t --out o --scale 0.7 --shard-size 500MB --dtype BF16 --vocabulary first-rows --json",
  "merge --base=b --chat=c --target=t --out=o --on-mismatch keep-target --overwrite --backend cpu",
  "measure --base b --chat c --target t --scale -1 --csv f.csv",
  "merge --recipe r.yaml --out o --target t --scale 0.7",
  "measure --recipe r.yaml --json",
  "recipe r.yaml --as mergekit --out m.yml --json",
  "inspect folder --json",
  "verify folder --json",
  "samples --out o --parameters 1.1B --seed 7",
  "--help",
  "merge --help",
];
const documents = lines.map((line) => ({ words: encodeUtf8(line.split(" ").join("\n")) }));

const words =
  "--base|--chat|--scale|--sclae|--json|--verbose|--version|--help|-h|-|--|---|--=|--base=|=|help|inspect|merge|1e999|-0|0x10|NaN|∞|99999999999999999999GB|5 GB|-5GB|\u001b[2J|\u202e|\u0000|__proto__|--__proto__|constructor|--constructor=1|--no-json|@file|$(id)|é".split(
    "|",
  );
const damage = mutateText([...words, ...words.map((word) => `\n${word}\n`), "\n"], lines);

/** Words put in, left out, repeated and exchanged, and characters in them. */
function mutate(document: FuzzDocument, random: Random): FuzzDocument {
  let text = document.words ?? new Uint8Array();
  for (let count = 1 + random.integer(3); count > 0; count--) {
    const list = latin1(text).split("\n");
    if (random.integer(2) === 0) text = damage(text, random);
    else {
      const at = random.integer(list.length);
      list.splice(at, random.integer(2), ...Array<string>(pick(random, [1, 1, 2, 500])).fill(pick(random, words)));
      text = encodeUtf8(list.join("\n"));
    }
  }
  return { words: text };
}

describe("a command line with damage", () => {
  test("is a command or wrong usage, told in one line", async () => {
    const outcomes = await fuzz({
      name: "command-line",
      originals: documents,
      mutate,
      read: (document) => {
        const bytes = document.words ?? new Uint8Array();
        const list = (decodeUtf8(bytes) ?? latin1(bytes)).split("\n");
        try {
          return parseCommand(list, "1.2.3").name;
        } catch (error) {
          if (!(error instanceof StudioError)) throw error;
          expect(exitCodes[error.failure.code]).toBe(2);
          expect(error.message).not.toContain("\n");
          throw error;
        }
      },
    });
    for (const name of ["merge", "measure", "recipe", "inspect", "samples", "text", "usage"]) {
      expect(outcomes.get(name) ?? 0, name).toBeGreaterThan(20);
    }
  });
});
