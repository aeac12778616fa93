import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type RandomCase, randomCase } from "../test-support/random-vocabularies.ts";
import { memoryFiles } from "../test-support/tokenizer-files.ts";
import { matchRows, type Roles, type RowMatch } from "./match-rows.ts";
import { readVocabulary } from "./read-vocabulary.ts";
import type { Vocabulary } from "./vocabulary.ts";

const hasPython = spawnSync("python3", ["--version"]).status === 0;
const oracle = join(import.meta.dirname, "../../e2e/oracle/vocabulary_oracle.py");
const folder = mkdtempSync(join(tmpdir(), "vocabularies-"));
const caseCount = 250;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Solution {
  readonly triples: readonly (readonly [number, number, number])[];
  readonly own: number;
  readonly withoutBase: number;
  readonly padding: number;
  readonly chatOnly: number;
  readonly baseOnly: number;
}

function writeCase({ files, rows }: RandomCase, index: number): string {
  const path = join(folder, String(index));
  for (const [role, roleFiles] of Object.entries(files)) {
    mkdirSync(join(path, role), { recursive: true });
    for (const [name, contents] of Object.entries<string | Uint8Array>(roleFiles))
      writeFileSync(join(path, role, name), contents);
  }
  writeFileSync(join(path, "rows.json"), JSON.stringify(rows));
  return path;
}

async function vocabulariesOf({ files }: RandomCase): Promise<Roles<Vocabulary>> {
  const [target, chat, base] = await Promise.all(
    [files.target, files.chat, files.base].map((roleFiles) => readVocabulary(memoryFiles(roleFiles))),
  );
  if (!target || !chat || !base) throw new Error("a case without a vocabulary");
  return { target, chat, base };
}

function solutionOf(match: RowMatch): Solution {
  const triples = match.runs.flatMap(({ targetRow, chatRow, baseRow, rowCount }) =>
    Array.from({ length: rowCount }, (_, i) => [targetRow + i, chatRow + i, baseRow + i] as const),
  );
  return {
    triples,
    own: match.ownCount,
    withoutBase: match.withoutBaseCount,
    padding: match.paddingCount,
    chatOnly: match.chatOnlyCount,
    baseOnly: match.baseOnlyCount,
  };
}

describe("rows that are matched by token", () => {
  const cases = Array.from({ length: caseCount }, (_, seed) => randomCase(seed));

  test.skipIf(!hasPython)(`are those of an independent implementation, in ${caseCount} cases`, async () => {
    const answer = execFileSync("python3", [oracle, ...cases.map(writeCase)], { maxBuffer: 2 ** 28 });
    const solutions = JSON.parse(answer.toString()) as Solution[];
    const spellings = new Set<string>();
    const total = { triples: 0, content: 0, own: 0, withoutBase: 0, padding: 0, chatOnly: 0 };
    for (const [index, each] of cases.entries()) {
      const vocabularies = await vocabulariesOf(each);
      const match = matchRows(vocabularies, each.rows);
      expect(solutionOf(match), each.name).toEqual(solutions[index]);
      expect(match.matchedCount).toBe(solutions[index]?.triples.length);
      spellings.add(`${vocabularies.target.spelling} ${vocabularies.chat.spelling}`);
      total.triples += match.matchedCount;
      total.content += match.by === "content" ? match.matchedCount : 0;
      total.own += match.ownCount;
      total.withoutBase += match.withoutBaseCount;
      total.padding += match.paddingCount;
      total.chatOnly += match.chatOnlyCount;
    }
    // That the cases hold what they are made for.
    for (const [what, count] of Object.entries(total)) expect(count, what).toBeGreaterThan(100);
    expect(spellings.size).toBeGreaterThanOrEqual(12);
  });
});
