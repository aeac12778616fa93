import { PassThrough } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { passWithoutNoise } from "./chromium-noise.mjs";

/** What comes out when the text arrives in these pieces. */
async function filtered(pieces: readonly string[]): Promise<string> {
  const from = new PassThrough();
  let passed = "";
  passWithoutNoise(from, { write: (text) => (passed += text) });
  for (const piece of pieces) from.write(piece);
  from.end();
  await new Promise((resolve) => from.once("end", resolve));
  return passed;
}

const noise = [
  "[7780:1123/035301.331004:ERROR:bus.cc(399)] Failed to connect to the bus: no such file\n",
  "Warning: vkCreateInstance: Found no drivers!\n",
  "Error: vkCreateInstance failed with VK_ERROR_INCOMPATIBLE_DRIVER\n    at CheckVkSuccessImpl (../../third_party/dawn/src/dawn/native/vulkan/VulkanError.cpp:88)\n\n",
  "Error: eglChooseConfig returned zero configs\n    at Create (../../third_party/dawn/src/dawn/native/opengl/ContextEGL.cpp:53)\n\n",
  "Error: EGL_EXT_create_context_robustness must be supported\n",
];

const ours = [
  "error: header-json: The header is not JSON in model.safetensors\n",
  "Error: a bug of ours\n    at merge (/app/out/main/main.cjs:10:3)\n",
  "[####      ] 40 %\r[#####     ] 50 %\n",
  "warning: 2 tensors are kept\n",
  "\n",
  "no line feed at the end",
];

describe("stderr of a command without its window", () => {
  it.each(noise)("drops what Chromium says of the machine: %j", async (line) => {
    expect(await filtered(["before\n", line, "after\n"])).toBe("before\nafter\n");
  });

  it.each(ours)("keeps what the application says: %j", async (line) => {
    expect(await filtered([noise[0] ?? "", line])).toBe(line);
  });

  it("gives the same in whatever pieces it arrives", async () => {
    const lines = fc.array(
      fc.constantFrom(...noise, ...ours.map((line) => (line.endsWith("\n") ? line : `${line}\n`))),
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 40 }), async (parts, size) => {
        const whole = parts.join("");
        const pieces = whole.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
        expect(await filtered(pieces)).toBe(await filtered([whole]));
      }),
    );
  });

  it("shows a growing line as it grows", () => {
    const from = new PassThrough();
    const passed: string[] = [];
    passWithoutNoise(from, { write: (text) => passed.push(text) });
    from.emit("data", "\r[###       ] 30 %");
    expect(passed.join("")).toBe("\r[###       ] 30 %");
  });
});
