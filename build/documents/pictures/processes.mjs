import { arrow, box, panel, svgPage, text } from "./svg.mjs";

/** The processes, what goes between them, and the way of the tensors from the files to the files. */
export function drawProcesses() {
  return svgPage(
    {
      width: 960,
      height: 640,
      title: "Processes and the way of the data",
      description:
        "The window asks main through window.studio; main maps files, plans, and sends the engine its plan over a port. The engine reads files into slots, computes on the GPU or the CPU, and writes the merged model.",
    },
    [...processes(), ...engine(), ...disk()],
  );
}

function processes() {
  return [
    panel({ x: 16, y: 16, width: 300, height: 196 }, "Window", "sandboxed renderer, no Node"),
    box({ x: 32, y: 76, width: 268, height: 56 }, "React components", ["heatmap, inspector, λ curve, export"]),
    box({ x: 32, y: 144, width: 268, height: 56 }, "One store (zustand)", ["recipe, plan, statistics, job"]),
    text(166, 228, "renderer/ui", { style: "code", anchor: "middle" }),

    arrow([
      [316, 92],
      [476, 92],
    ]),
    text(396, 82, "requests", { anchor: "middle" }),
    text(396, 110, "ids, no paths; zod", { style: "muted", anchor: "middle" }),
    arrow([
      [476, 160],
      [316, 160],
    ]),
    text(396, 150, "events", { anchor: "middle" }),
    text(396, 178, "progress, sums", { style: "muted", anchor: "middle" }),
    text(396, 208, "electron/api/", { style: "code", anchor: "middle" }),

    panel({ x: 480, y: 16, width: 464, height: 196 }, "Main", "owns paths, windows, jobs"),
    box({ x: 496, y: 76, width: 208, height: 56 }, "Catalog", ["memory maps of what is open"]),
    box({ x: 720, y: 76, width: 208, height: 56 }, "Plan", ["headers → every tensor's fate"]),
    box({ x: 496, y: 144, width: 208, height: 56 }, "Jobs", ["measure, export, verify"]),
    box({ x: 720, y: 144, width: 208, height: 56 }, "Command line", ["the same without a window"]),
    text(712, 228, "electron, src-core/plan", { style: "code", anchor: "middle" }),
  ];
}

function engine() {
  return [
    arrow([
      [560, 212],
      [560, 280],
    ]),
    text(550, 243, "commands", { anchor: "end" }),
    text(550, 261, "a plan, file names", { style: "muted", anchor: "end" }),
    arrow([
      [600, 280],
      [600, 212],
    ]),
    text(612, 251, "events, over one port", { anchor: "start" }),

    panel(
      { x: 16, y: 284, width: 760, height: 208 },
      "Engine",
      "hidden renderer with Node and WebGPU; started again when it or the device dies",
    ),
    box(
      { x: 32, y: 352, width: 150, height: 96 },
      "ByteSource",
      ["reads of ranges,", "each file in order"],
      "checkpoint",
    ),
    box(
      { x: 224, y: 352, width: 150, height: 96 },
      "Slots, a ring",
      ["reused buffers that", "set the memory"],
      "engine",
    ),
    box(
      { x: 416, y: 352, width: 168, height: 96 },
      "Backend",
      ["GPU: WGSL", "CPU: WASM in workers"],
      "gpu, shaders · cpu",
    ),
    box({ x: 626, y: 352, width: 134, height: 96 }, "ByteSink", ["writes, in any", "order; journal"], "engine"),
    ...[
      [182, 224],
      [374, 416],
      [584, 626],
    ].map(([from = 0, to = 0]) =>
      arrow(
        [
          [from, 404],
          [to - 2, 404],
        ],
        { data: true },
      ),
    ),
    text(396, 480, "renderer/engine, src-core", { style: "code", anchor: "middle" }),
  ];
}

function disk() {
  return [
    panel({ x: 16, y: 560, width: 928, height: 64 }, "Disk", "sources are only read"),
    box({ x: 222, y: 573, width: 230, height: 38 }, "base, chat, target", []),
    box({ x: 560, y: 573, width: 266, height: 38 }, "merged model, complete or plainly not", []),
    arrow(
      [
        [330, 573],
        [330, 526],
        [107, 526],
        [107, 451],
      ],
      { data: true },
    ),
    text(120, 518, "read into mapped staging", { style: "muted" }),
    arrow(
      [
        [693, 448],
        [693, 568],
      ],
      { data: true },
    ),
    text(682, 518, "planned sizes and places", { style: "muted", anchor: "end" }),
    arrow([
      [912, 560],
      [912, 212],
    ]),
    ...["headers,", "values looked at,", "samples verified"].map((line, index) =>
      text(902, 360 + index * 18, line, { style: "muted", anchor: "end" }),
    ),
  ];
}
