/**
 * @typedef {object} ImportRule A rule names files, and either all that they may import (`only`) or what they may not (`never`).
 * @property {string} name
 * @property {RegExp} from
 * @property {readonly RegExp[]} [only]
 * @property {readonly RegExp[]} [never]
 * @property {boolean} [typesAllowed] an import of types alone is no breach
 */

/** Libraries without input or output that the core may use. */
const coreLibraries = /^npm:(zod|yaml|picomatch)$/;
const sharedCore = /^src-core\/(errors|limits)\.ts$/;

/** Tests may reach for what they test it with: another folder's fakes, Node's files. */
export const exempt = /\.test\.tsx?$|\.spec\.ts$|^src-core\/test-support\/|\.fixture\.ts$/;

/** @type {readonly ImportRule[]} */
export const importRules = [
  { name: "nothing imports a file that is not there", from: /./, never: [/^missing:/] },
  {
    name: "the program does not import its tests",
    from: /^(src-core|electron|renderer|build)\//,
    never: [/\.(test|spec)\.tsx?$/, /^src-core\/test-support\//, /^e2e\//],
  },

  {
    name: "src-core imports nothing outside src-core, shaders and its libraries",
    from: /^src-core\//,
    only: [/^src-core\//, /^shaders\//, coreLibraries],
  },
  {
    name: "src-core/checkpoint is the ground floor",
    from: /^src-core\/checkpoint\//,
    only: [/^src-core\/checkpoint\//, sharedCore, coreLibraries],
  },
  {
    name: "src-core/vocabulary knows files and tokens, not what is made of them",
    from: /^src-core\/vocabulary\//,
    only: [/^src-core\/(checkpoint|vocabulary)\//, sharedCore, coreLibraries],
  },
  {
    name: "what plans, describes and proves a merge does not know what carries it out",
    from: /^src-core\/(plan|recipe|statistics|reference|kinship|provenance)\//,
    never: [/^src-core\/(engine|gpu|cpu)\//],
  },
  {
    name: "checkpoint, vocabulary, plan, recipe, statistics and reference never see a GPU",
    from: /^src-core\/(checkpoint|vocabulary|plan|recipe|statistics|reference)\//,
    never: [/^src-core\/(gpu|cpu)\//, /^shaders\//],
  },
  {
    name: "the CPU's kernels are AssemblyScript: nothing else is compiled with them",
    from: /^src-core\/cpu\/kernels\//,
    only: [/^src-core\/cpu\/kernels\//],
  },
  {
    name: "the CPU's kernels are compiled, not imported",
    from: /^(?!src-core\/cpu\/kernels\/)/,
    never: [/^src-core\/cpu\/kernels\//],
  },
  {
    name: "src-core/engine sees compute through Backend only",
    from: /^src-core\/engine\//,
    never: [/^src-core\/(gpu|cpu)\//, /^shaders\//],
  },

  {
    name: "renderer/ui talks to the outside through window.studio only",
    from: /^renderer\/ui\//,
    only: [/^renderer\/ui\//, /^src-core\//, /^npm:(?!electron$|koffi$)/, /^CHANGELOG\.md$/],
    typesAllowed: true,
  },
  {
    name: "renderer/ui takes from electron the types of electron/api, no more",
    from: /^renderer\/ui\//,
    never: [/^electron\/(?!api\/)/, /^npm:(electron|koffi)$/, /^node:/, /^renderer\/engine\//],
  },
  {
    name: "renderer/ui computes nothing about tensors",
    from: /^renderer\/ui\//,
    never: [/^src-core\/(engine|gpu|cpu|reference)\//],
    typesAllowed: true,
  },
  {
    name: "renderer/engine stands on src-core and Node alone",
    from: /^renderer\/engine\//,
    only: [/^renderer\/engine\//, /^src-core\//, /^shaders\//, /^node:/, /^npm:electron$/],
    typesAllowed: true,
  },
  { name: "renderer/engine knows nothing of the window", from: /^renderer\/engine\//, never: [/^renderer\/ui\//] },

  {
    name: "electron never imports renderer",
    from: /^electron\//,
    never: [/^renderer\//, /^npm:(react|react-dom|zustand)$/],
  },
  {
    name: "electron leaves compute to the engine",
    from: /^electron\//,
    never: [/^src-core\/(gpu|cpu)\//, /^shaders\//],
  },
  {
    name: "electron/checkpoints is main's ground floor",
    from: /^electron\/checkpoints\//,
    never: [/^electron\/(?!(checkpoints|api)\/)/],
  },
  {
    name: "what works in main knows neither the windows nor the command line that it works for",
    from: /^electron\/(models|recipes|samples|kept|closed|engine|measuring|export)\//,
    never: [/^electron\/(window|headless|settings|ipc)\//],
  },
  {
    name: "windows and the command line do not know each other",
    from: /^electron\/headless\//,
    never: [/^electron\/(window|settings|ipc)\//],
  },
  {
    name: "the command line and windows do not know each other",
    from: /^electron\/(window|settings|ipc)\//,
    never: [/^electron\/headless\//],
  },
  { name: "electron/api is types alone", from: /^electron\/api\//, never: [/./], typesAllowed: true },

  {
    name: "build imports nothing of the application but types",
    from: /^build\//,
    only: [/^build\//, /^node:/, /^npm:/, /^package(-lock)?\.json$/],
    typesAllowed: true,
  },
  {
    name: "end-to-end tests see the application from outside",
    from: /^e2e\//,
    never: [/^renderer\//, /^electron\/(?!api\/)/],
    typesAllowed: true,
  },
];

/** Folders whose code must not even name a thing of WebGPU's. */
export const gpuBlindFolders = /^src-core\/(checkpoint|vocabulary|plan|recipe|statistics|reference|engine)\//;
