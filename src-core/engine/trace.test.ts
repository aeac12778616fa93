import { describe, expect, it } from "vitest";
import { createReferenceBackend } from "../test-support/reference-backend.ts";
import { formatSpan } from "./chrome-trace.ts";
import { Tracer, type TraceSpan } from "./trace.ts";

function openTracer() {
  const spans: TraceSpan[] = [];
  let clock = 0;
  return {
    spans,
    tracer: new Tracer(
      () => clock++,
      (span) => spans.push(span),
    ),
  };
}

describe("a tracer", () => {
  it("takes down reads with their file, place and size, and passes on what they read", async () => {
    const { spans, tracer } = openTracer();
    const source = tracer.source({
      name: "model.safetensors",
      byteLength: 100,
      readInto: async (destination, byteOffset) => void destination.fill(byteOffset),
    });
    const destination = new Uint8Array(4);
    await source.readInto(destination, 7);
    expect(destination).toEqual(new Uint8Array([7, 7, 7, 7]));
    expect(source).toMatchObject({ name: "model.safetensors", byteLength: 100 });
    const detail = { file: "model.safetensors", byteOffset: 7, bytes: 4 };
    expect(spans).toEqual([{ kind: "read", lane: 0, start: 0, end: 1, detail }]);
  });

  it("gives each of several at once a lane, and a free lane to the next", async () => {
    const { spans, tracer } = openTracer();
    const ends: (() => void)[] = [];
    const sink = tracer.sink({ write: () => new Promise<void>((resolve) => ends.push(resolve)) }, "out");
    const first = sink.write(new Uint8Array(1), 0);
    const second = sink.write(new Uint8Array(1), 1);
    ends[0]?.();
    await first;
    const third = sink.write(new Uint8Array(1), 2);
    for (const end of ends) end();
    await Promise.all([second, third]);
    expect(spans.map(({ lane, detail }) => [lane, detail.byteOffset])).toEqual([
      [0, 0],
      [1, 1],
      [0, 2],
    ]);
  });

  it("takes down what fails, and lets it fail", async () => {
    const { spans, tracer } = openTracer();
    const sink = tracer.sink({ write: () => Promise.reject(new Error("disk full")) }, "out");
    await expect(sink.write(new Uint8Array(2), 0)).rejects.toThrow("disk full");
    expect(spans).toHaveLength(1);
  });

  it("watches a backend's slots without changing what they compute", async () => {
    const { spans, tracer } = openTracer();
    const size = { inputBytes: 256, outputBytes: 64, operationCount: 2 };
    const backend = tracer.backend(createReferenceBackend({ slotCount: 2, ...size }));
    expect(backend.slotSize).toEqual(size);
    const slot = backend.slots[1];
    if (slot === undefined) throw new Error("no slot");
    const input = await slot.prepare();
    new Float32Array(input.buffer, input.byteOffset, 12).fill(1, 0, 4).fill(5, 4, 8).fill(3, 8, 12);
    const operand = (byteOffset: number) => ({ dtype: "F32", byteOffset }) as const;
    const vectors = [{ scale: 2, chat: operand(16), base: operand(32) }];
    const { borrowedOutput } = await slot.merge([{ elementCount: 4, target: operand(0), vectors, output: operand(0) }]);
    expect([...new Float32Array(borrowedOutput.buffer, borrowedOutput.byteOffset, 4)]).toEqual([5, 5, 5, 5]);
    expect(spans.map(({ kind, detail }) => [kind, detail])).toEqual([
      ["wait", { slot: 1 }],
      ["merge", { slot: 1, operations: 1, elements: 4 }],
    ]);
  });
});

describe("Chrome's trace format", () => {
  it("has times in microseconds, and a thread for each lane", () => {
    const span: TraceSpan = { kind: "read", lane: 2, start: 1.5, end: 4, detail: { bytes: 9 } };
    const line = formatSpan(span, { id: 1, name: "engine" });
    expect(line.endsWith(",\n")).toBe(true);
    const event = { ph: "X", name: "read", cat: "read", pid: 1, tid: 2002, ts: 1500, dur: 2500, args: { bytes: 9 } };
    expect(JSON.parse(line.slice(0, -2))).toEqual(event);
  });
});
