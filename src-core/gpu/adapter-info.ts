/** What is known of an adapter, for people and for the choice of workgroups. */
export interface AdapterInfo {
  /** "NVIDIA RTX 4090", "SwiftShader (CPU)". */
  readonly name: string;
  /** It computes on the CPU: it works, slowly. */
  readonly isFallback: boolean;
}

/** GPUAdapter as older Chromium has it: `requestAdapterInfo` was replaced by `info`, `isFallbackAdapter` moved into it. */
interface AdapterOfAnyAge {
  readonly info?: Partial<GPUAdapterInfo>;
  readonly isFallbackAdapter?: boolean;
  requestAdapterInfo?(): Promise<Partial<GPUAdapterInfo>>;
}

const softwareNames: readonly (readonly [RegExp, string])[] = [
  [/swiftshader/i, "SwiftShader"],
  [/llvmpipe|lavapipe/i, "llvmpipe"],
  [/microsoft basic render/i, "Microsoft Basic Render Driver"],
];

/** Reads an adapter's name; bridges Chromium 114 (Electron 25) and current ones. */
export async function readAdapterInfo(adapter: GPUAdapter): Promise<AdapterInfo> {
  const known = adapter as AdapterOfAnyAge;
  const info = known.info ?? (await known.requestAdapterInfo?.()) ?? {};
  const { vendor = "", architecture = "", device = "", description = "" } = info;
  const all = [vendor, architecture, device, description].join(" ");
  const software = softwareNames.find(([pattern]) => pattern.test(all))?.[1];
  if (software !== undefined) return { name: `${software} (CPU)`, isFallback: true };
  const isFallback = info.isFallbackAdapter ?? known.isFallbackAdapter ?? false;
  const name = description || device || [vendor, architecture].filter((part) => part !== "").join(" ") || "unknown GPU";
  return { name: isFallback ? `${name} (CPU)` : name, isFallback };
}
