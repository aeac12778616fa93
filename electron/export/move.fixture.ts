import { moveExport } from "./move-export.ts";

// A process of its own, to be killed: moves a folder.

const [from = "", to = ""] = process.argv.slice(2);
process.stdout.write("begun\n");
await moveExport(from, to);
