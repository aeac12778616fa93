import { benchKernels } from "./entry.ts";

const [elementCount = 2 ** 24, repeats = 1, rounds = 5] = process.argv.slice(2).map(Number);
process.stdout.write(`${JSON.stringify(await benchKernels({ elementCount, repeats, rounds }))}\n`);
// Dawn keeps the process alive.
process.exit(0);
