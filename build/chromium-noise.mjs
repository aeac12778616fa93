/** Chromium's own log: `[pid:date/time:LEVEL:file(line)]`. */
const chromiumLog = /^\[\d+:\d{4}\/\d{6}\.\d+:[A-Z]+:/;

/** Dawn's: graphics drivers that it tried and that are not there, and the places in its sources that noticed. */
const dawnLog = [
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
  let afterDawn = false;
  from.setEncoding("utf8");
  from.on("data", (text) => {
    for (const part of String(text).split(/(?<=\n)/)) {
      line += part;
      const ends = line.endsWith("\n");
      const fromDawn = dawnLog.some((pattern) => pattern.test(line)) || (afterDawn && line === "\n");
      if (written === 0 && ends && (fromDawn || chromiumLog.test(line))) {
        afterDawn = fromDawn && line !== "\n";
        line = "";
        continue;
      }
      if (ends || !mayBecomeNoise(line)) {
        to.write(line.slice(written));
        written = ends ? 0 : line.length;
        if (ends) {
          line = "";
          afterDawn = false;
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
