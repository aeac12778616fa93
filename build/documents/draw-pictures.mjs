#!/usr/bin/env node
/** `node build/documents/draw-pictures.mjs`: the drawings of docs/architecture.md, from the present imports. They are committed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../checkout.mjs";
import { drawings } from "./pictures/drawings.mjs";

for (const { file, svg } of drawings()) {
  writeFileSync(join(checkout, file), svg);
  console.log(file);
}
