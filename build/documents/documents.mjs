import { readFileSync } from "node:fs";
import { join } from "node:path";
import { filesBelow } from "../import-graph.mjs";

/**
 * @typedef {object} CodeBlock A fenced block.
 * @property {string} file
 * @property {number} line of its first line of code
 * @property {string} language
 * @property {string | null} notRun why the tests do not run it: what stands behind "not run:" at its fence
 * @property {string} code
 */

/**
 * @typedef {object} Document
 * @property {string} file relative to the root
 * @property {readonly CodeBlock[]} blocks
 * @property {readonly { line: number, text: string }[]} prose its lines without the fenced blocks'
 */

/**
 * Every Markdown file below a root, in the order of their names.
 * @param {string} root
 * @returns {Document[]}
 */
export function readDocuments(root) {
  return filesBelow(root)
    .filter((file) => file.endsWith(".md"))
    .sort()
    .map((file) => readDocument(file, readFileSync(join(root, file), "utf8")));
}

/**
 * A fence may be indented with the list item that it belongs to.
 * @param {string} file
 * @param {string} text
 * @returns {Document}
 */
export function readDocument(file, text) {
  /** @type {CodeBlock[]} */
  const blocks = [];
  /** @type {{ line: number, text: string }[]} */
  const prose = [];
  /** @type {{ indent: string, fence: string, block: CodeBlock } | null} */
  let open = null;
  for (const [index, line] of text.split("\n").entries()) {
    const [, indent = "", fence = "", info = ""] = /^( *)(`{3,})([^`]*)$/.exec(line) ?? [];
    if (open !== null) {
      if (fence.length >= open.fence.length && info.trim() === "") {
        blocks.push(open.block);
        open = null;
      } else {
        open.block.code += `${line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart()}\n`;
      }
    } else if (fence !== "") {
      const [language = "", ...words] = info.trim().split(" ");
      const reason = /^not run: (.+)$/.exec(words.join(" "))?.[1];
      open = { indent, fence, block: { file, line: index + 2, language, notRun: reason ?? null, code: "" } };
    } else {
      prose.push({ line: index + 1, text: line });
    }
  }
  if (open !== null) throw new Error(`${file}:${open.block.line - 1}: this block has no end`);
  return { file, blocks, prose };
}
