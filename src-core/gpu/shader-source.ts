import decode from "../../shaders/decode.wgsl?raw";
import elements from "../../shaders/elements.wgsl?raw";
import encode from "../../shaders/encode.wgsl?raw";
import measure from "../../shaders/measure.wgsl?raw";
import measureCareful from "../../shaders/measure-careful.wgsl?raw";
import measureExact from "../../shaders/measure-exact.wgsl?raw";
import measureOperation from "../../shaders/measure-operation.wgsl?raw";
import measurePair from "../../shaders/measure-pair.wgsl?raw";
import measureReduce from "../../shaders/measure-reduce.wgsl?raw";
import merge from "../../shaders/merge.wgsl?raw";
import mergeCareful from "../../shaders/merge-careful.wgsl?raw";
import operation from "../../shaders/operation.wgsl?raw";
import scaled from "../../shaders/scaled.wgsl?raw";

/** One file of a shader module's text. */
export interface ShaderFile {
  readonly name: string;
  readonly text: string;
}

const elementFiles: readonly ShaderFile[] = [
  { name: "elements.wgsl", text: elements },
  { name: "decode.wgsl", text: decode },
];
const scaledFile: ShaderFile = { name: "scaled.wgsl", text: scaled };

const mergeFiles: readonly ShaderFile[] = [
  ...elementFiles,
  { name: "operation.wgsl", text: operation },
  { name: "encode.wgsl", text: encode },
];
export const mergeShader: readonly ShaderFile[] = [...mergeFiles, { name: "merge.wgsl", text: merge }];
export const carefulShader: readonly ShaderFile[] = [
  ...mergeFiles,
  scaledFile,
  { name: "merge-careful.wgsl", text: mergeCareful },
];

const measureFiles: readonly ShaderFile[] = [
  ...elementFiles,
  { name: "measure-operation.wgsl", text: measureOperation },
  { name: "measure-reduce.wgsl", text: measureReduce },
];
export const measureShader: readonly ShaderFile[] = [...measureFiles, { name: "measure.wgsl", text: measure }];
export const measurePairShader: readonly ShaderFile[] = [
  ...measureFiles,
  { name: "measure-pair.wgsl", text: measurePair },
];
export const measureCarefulShader: readonly ShaderFile[] = [
  ...measureFiles,
  scaledFile,
  { name: "measure-exact.wgsl", text: measureExact },
  { name: "measure-careful.wgsl", text: measureCareful },
];

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
