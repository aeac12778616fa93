import decode from "../../shaders/decode.wgsl?raw";
import encode from "../../shaders/encode.wgsl?raw";
import merge from "../../shaders/merge.wgsl?raw";
import mergeCareful from "../../shaders/merge-careful.wgsl?raw";
import operation from "../../shaders/operation.wgsl?raw";

/** One file of a shader module's text. */
export interface ShaderFile {
  readonly name: string;
  readonly text: string;
}

const shared: readonly ShaderFile[] = [
  { name: "operation.wgsl", text: operation },
  { name: "decode.wgsl", text: decode },
  { name: "encode.wgsl", text: encode },
];

export const mergeShader: readonly ShaderFile[] = [...shared, { name: "merge.wgsl", text: merge }];
export const carefulShader: readonly ShaderFile[] = [...shared, { name: "merge-careful.wgsl", text: mergeCareful }];

/** WGSL has no import: files are put one after another, the last one holding the entry point. */
export function shaderText(files: readonly ShaderFile[]): string {
  return files.map(({ text }) => text).join("\n");
}

/** Where a line of the joined text (counted from 1) comes from: "merge.wgsl:12", and what it says. */
export function locateLine(files: readonly ShaderFile[], line: number): { place: string; source: string } {
  let remaining = line;
  for (const { name, text } of files) {
    const lines = text.split("\n");
    if (remaining <= lines.length) return { place: `${name}:${remaining}`, source: lines[remaining - 1]?.trim() ?? "" };
    remaining -= lines.length;
  }
  return { place: `line ${line}`, source: "" };
}
