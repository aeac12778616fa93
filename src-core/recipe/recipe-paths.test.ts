import { posix, win32 } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { recipeSchema } from "./recipe.ts";
import {
  isModelIdLike,
  type PathRelation,
  type PathResolution,
  relativizeRecipePaths,
  resolveRecipePaths,
} from "./recipe-paths.ts";

const recipeOf = (target: string) => recipeSchema.parse({ target, vectors: [{ chat: target, base: target }] });

function host(path: typeof posix, present: readonly string[] = []): PathResolution & PathRelation {
  return {
    separator: path.sep,
    isAbsolute: path.isAbsolute,
    resolve: path.resolve,
    relative: path.relative,
    isModelId: (_, resolved) => !present.includes(resolved),
  };
}

describe("a recipe's models", () => {
  test.each([
    [posix, "./a", "/home/me/a"],
    [posix, "a", "/home/me/a"],
    [posix, "../b", "/home/b"],
    [posix, "/c", "/c"],
    [posix, "a/b/c", "/home/me/a/b/c"],
    [posix, "org/name", "org/name"],
    [posix, "here/too", "/home/me/here/too"],
    [posix, "./org/name", "/home/me/org/name"],
    [win32, "a", "C:\\me\\a"],
    [win32, "../b/c", "C:\\b\\c"],
    [win32, "D:\\d", "D:\\d"],
  ] as const)("are found from the file's folder: %#", (path, written, resolved) => {
    const folder = path === win32 ? "C:\\me" : "/home/me";
    const { target, vectors } = resolveRecipePaths(recipeOf(written), folder, host(path, ["/home/me/here/too"]));
    expect([target, vectors[0]?.chat, vectors[0]?.base]).toEqual([resolved, resolved, resolved]);
  });

  test.each([
    [posix, "/home/me/a", "./a"],
    [posix, "/home/me", "."],
    [posix, "/home/b/c", "../b/c"],
    [posix, "/data/c", "/data/c"],
    [posix, "/home/me/..odd", "./..odd"],
    [posix, "/home/me/back\\slash", "./back\\slash"],
    [posix, "org/name", "org/name"],
    [win32, "C:\\me\\a\\b", "./a/b"],
    [win32, "C:\\other", "C:\\other"],
    [win32, "D:\\a", "D:\\a"],
  ] as const)("are written as seen from the file's folder: %#", (path, absolute, written) => {
    const folder = path === win32 ? "C:\\me" : "/home/me";
    expect(relativizeRecipePaths(recipeOf(absolute), folder, host(path)).target).toBe(written);
  });

  test.each([posix, win32])("are found again after they were written (%#)", (path) => {
    const step = fc.constantFrom("a", "b", "..c", "d e", "org");
    const root = path === win32 ? "C:\\" : "/";
    const absolute = fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => root + steps.join(path.sep));
    fc.assert(
      fc.property(absolute, absolute, (model, folder) => {
        const written = relativizeRecipePaths(recipeOf(model), folder, host(path));
        expect(isModelIdLike(written.target)).toBe(false);
        expect(resolveRecipePaths(written, folder, host(path)).target).toBe(model);
      }),
    );
  });

  test.each([
    ["meta-llama/Llama-2-7b-hf", true],
    ["./org/name", false],
    ["../name", false],
    ["org", false],
    ["a/b/c", false],
    ["org/.hidden", false],
    ["C:/name", false],
  ])("may be an id: %s, %s", (text, expected) => {
    expect(isModelIdLike(text)).toBe(expected);
  });
});
