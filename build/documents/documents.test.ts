import { describe, expect, it } from "vitest";
import { readDocument } from "./documents.mjs";
import { shellCommands } from "./shell-commands.mjs";

describe("a document is read", () => {
  it("as its blocks, with language and place, and its other lines", () => {
    const { blocks, prose } = readDocument("a.md", "# A\n\n```sh\nnpm test\n```\nb\n");
    expect(blocks).toEqual([{ file: "a.md", line: 4, language: "sh", notRun: null, code: "npm test\n" }]);
    expect(prose.filter(({ text }) => text !== "")).toEqual([
      { line: 1, text: "# A" },
      { line: 6, text: "b" },
    ]);
  });

  it("with the reason why a block is not run", () => {
    expect(readDocument("a.md", "```sh not run: needs Slurm\nsbatch a\n```").blocks[0]?.notRun).toBe("needs Slurm");
    expect(readDocument("a.md", "```sh not run:\nsbatch a\n```").blocks[0]?.notRun).toBeNull();
  });

  it("with a block in a list, and one that shows a fence", () => {
    const { blocks } = readDocument("a.md", "1. First\n   ```sh\n   a\n     b\n   ```\n````md\n```sh\n```\n````\n");
    expect(blocks.map(({ code }) => code)).toEqual(["a\n  b\n", "```sh\n```\n"]);
  });

  it("not, where a block has no end", () => {
    expect(() => readDocument("a.md", "\n```sh\na\n")).toThrow("a.md:2: this block has no end");
  });
});

describe("a script is read as commands", () => {
  it.each([
    ["a b # c\n# d\nf", [["a", "b"], ["f"]]],
    ["a && b || c; d | e &\nf", [["a"], ["b"], ["c"], ["d"], ["e"], ["f"]]],
    ["a \\\n  b", [["a", "b"]]],
    ["a 'b c' \"d e\" f\\ g'h'", [["a", "b c", "d e", "f gh"]]],
    ["a '#b' c#d", [["a", "#b", "c#d"]]],
    ["a > b 2>&1 < c", [["a"]]],
    ["X=1 a b=c", [["a", "b=c"]]],
    ['w="b c"\na $w "$w" \'$w\' x$w', [["a", "b", "c", "b c", "$w", "xb c"]]],
    [
      "x=$(a b)\nc $PWD/d {}",
      [
        ["a", "b"],
        ["c", "1/d", "1"],
      ],
    ],
    ["cat > a <<'E'\nb c\nE\nd", [["cat"], ["d"]]],
  ])("%j", (script, commands) => {
    expect(shellCommands(script)).toEqual(commands);
  });
});
