/**
 * What Chromium and Dawn write to stderr about the machine on their own account: log lines of `[pid:date:LEVEL:file]`,
 * graphics drivers that were tried and not there, and the places in their sources where that was found.
 */
const noise = [
  /^\[\d+:\d{4}\/\d{6}\.\d+:[A-Z]+:/,
  /^Warning: (vk|egl|gl)[A-Z]/,
  /^Error: (vk|egl|EGL_|gl)[A-Za-z_]/,
  /^ {4}at .*\(\.\.\/\.\.\/third_party\//,
];

/**
 * Passes text on line by line without Chromium's own remarks. A line that is still growing, as a progress bar is, passes as soon
 * as it cannot become one of them.
 * @param {NodeJS.ReadableStream} from
 * @param {{ write(text: string): unknown }} to
 */
export function passWithoutNoise(from, to) {
  let line = "";
  /** How much of the present line has been written; its rest follows as it comes. */
  let written = 0;
  /** Dawn ends a message with an empty line, which is noise too. */
  let afterNoise = false;
  from.setEncoding("utf8");
  from.on("data", (text) => {
    for (const part of String(text).split(/(?<=\n)/)) {
      line += part;
      const ends = line.endsWith("\n");
      if (written === 0 && ends && (noise.some((pattern) => pattern.test(line)) || (afterNoise && line === "\n"))) {
        afterNoise = line !== "\n";
        line = "";
        continue;
      }
      if (ends || !mayBecomeNoise(line)) {
        to.write(line.slice(written));
        written = ends ? 0 : line.length;
        if (ends) {
          line = "";
          afterNoise = false;
        }
      }
    }
  });
  from.on("end", () => {
    if (line.length > written) to.write(line.slice(written));
  });
}

/** @param {string} start of a line */
function mayBecomeNoise(start) {
  if (/^\[(\d[\d:/.]*([A-Z]+:?.*)?)?$/s.test(start)) return true;
  return ["Warning: ", "Error: ", "    at "].some((head) => start.startsWith(head) || head.startsWith(start));
}
