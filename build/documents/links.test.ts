import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { checkout } from "../checkout.mjs";
import { filesBelow } from "../import-graph.mjs";
import { type Document, readDocuments } from "./documents.mjs";

interface Link {
  readonly at: string;
  readonly from: string;
  /** Relative to the root, "" where it points into the web. */
  readonly file: string;
  readonly anchor: string;
  readonly text: string;
}

const documents = readDocuments(checkout);
const anchors = new Map(documents.map((document) => [document.file, anchorsOf(document)]));
const links = documents.flatMap(linksOf);

function linksOf({ file, prose }: Document): Link[] {
  return prose.flatMap(({ line, text }) =>
    [
      ...text
        .replace(/`[^`]*`/g, "")
        .matchAll(/\]\(([^()\s]+)\)|<(?:img|a)[^>]*(?:src|href)="([^"]+)"|srcset="([^"]+)"/g),
    ].map(([, inline, tag, set]) => {
      const target = inline ?? tag ?? set ?? "";
      const [path = "", anchor = ""] = target.split("#");
      const inside = path === "" ? file : posix.join(dirname(file), path);
      return { at: `${file}:${line}`, from: file, file: /^\w+:/.test(target) ? "" : inside, anchor, text: target };
    }),
  );
}

/** As the sites that show Markdown name a heading: lower case, words joined by hyphens, a number behind the second of a name. */
function anchorsOf({ prose }: Document): Set<string> {
  const found = new Set<string>();
  for (const { text } of prose) {
    const [, heading] = /^#+ +(.+?) *$/.exec(text) ?? [];
    if (heading === undefined) continue;
    const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const name = plain.replace(/[^\p{L}\p{N}\p{M} _-]/gu, "").replaceAll(" ", "-");
    let unique = name;
    for (let count = 1; found.has(unique); count++) unique = `${name}-${count}`;
    found.add(unique);
  }
  return found;
}

describe("a link in a document", () => {
  it("points to a file that is there", () => {
    const broken = links.filter(({ file }) => file !== "" && !existsSync(join(checkout, file)));
    expect(broken.map(({ at, text }) => `${at} ${text}`)).toEqual([]);
    expect(links.length).toBeGreaterThan(10);
  });

  it("points to a heading that is there", () => {
    const broken = links.filter(({ file, anchor }) => anchor !== "" && file !== "" && !anchors.get(file)?.has(anchor));
    expect(broken.map(({ at, text }) => `${at} ${text}`)).toEqual([]);
  });

  it("into the web is encrypted", () => {
    expect(links.filter(({ text }) => text.startsWith("http:")).map(({ at, text }) => `${at} ${text}`)).toEqual([]);
  });
});

it("every document is reached by links from README.md or CONTRIBUTING.md", () => {
  const reached = new Set(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"]);
  for (const file of reached) {
    for (const link of links) if (link.from === file && anchors.has(link.file)) reached.add(link.file);
  }
  expect(documents.map(({ file }) => file).filter((file) => !reached.has(file))).toEqual([]);
});

it("every picture in docs/ is shown by a document", () => {
  const pictures = filesBelow(checkout).filter((file) => /^docs\/.*\.(png|svg|gif|webm|webp)$/.test(file));
  expect(pictures.length).toBeGreaterThan(0);
  const shown = new Set(links.map(({ file }) => file));
  expect(pictures.filter((file) => !shown.has(file))).toEqual([]);
});

it("a path in the sources that a document names in `code` is there", () => {
  const named = documents.flatMap(({ file, prose }) =>
    prose.flatMap(({ line, text }) =>
      [...text.matchAll(/`((?:src-core|electron|renderer|shaders|e2e|build|docs)\/[\w./-]+)`/g)].map(
        ([, path = ""]) => ({
          at: `${file}:${line}`,
          path,
        }),
      ),
    ),
  );
  expect(named.length).toBeGreaterThan(10);
  // "electron/jobs" stands for jobs.ts and jobs.test.ts.
  const files = filesBelow(checkout);
  const isThere = (path: string) =>
    existsSync(join(checkout, path)) || files.some((file) => file.startsWith(`${path}.`));
  const missing = named.filter(({ path }) => !isThere(path));
  expect(missing.map(({ at, path }) => `${at} ${path}`)).toEqual([]);
});
