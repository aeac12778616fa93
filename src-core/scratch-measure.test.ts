import { expect, it } from "vitest";
import { requestComputeDevice } from "./gpu/device.ts";
import { createGpuBackend } from "./gpu/gpu-backend.ts";
import { createReferenceBackend } from "./reference/reference-backend.ts";
import { findDawnGpu } from "./test-support/dawn.ts";
import { Random } from "./random.ts";
const gpu = await findDawnGpu();
it("x", async () => {
  const size = { inputBytes: 1 << 20, outputBytes: 1 << 18, operationCount: 10 };
  const { device, info } = await requestComputeDevice(gpu ?? undefined);
  const g = await createGpuBackend({ ...size, device, adapter: info.name, slotCount: 1, maximumWorkgroups: 4 });
  const r = createReferenceBackend({ ...size, slotCount: 1 });
  const n = 20001;
  for (const spread of [3, 250]) {
  const op = (dtype: "BF16") => ({ elementCount: n, target: { dtype, byteOffset: 0 }, vectors: [{ chat: { dtype, byteOffset: 65536 }, base: { dtype, byteOffset: 131072 } },{ chat: { dtype, byteOffset: 196608 }, base: { dtype, byteOffset: 131072 } }] } as const);
  const out = [];
  for (const b of [g, r]) {
    const random = new Random(5);
    const slot = b.slots[0]!;
    const input = await slot.prepare();
    const h = new Uint16Array(input.buffer, input.byteOffset, 1 << 18);
    for (let i = 0; i < h.length; i++) h[i] = random.integer(2) * 32768 + (120 - (spread >> 1) + random.integer(spread)) * 128 + random.integer(128);
    out.push(await slot.measure([op("BF16"), {...op("BF16"), elementCount: 8192}]));
  }
  for (const o of out) console.log(JSON.stringify(o, (k, v) => v instanceof Uint32Array ? [...v].join() : v, 1));
  }
});
