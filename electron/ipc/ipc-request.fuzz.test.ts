import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { encodeUtf8 } from "../../src-core/checkpoint/utf8.ts";
import { type FuzzDocument, latin1, mutateFiles } from "../../src-core/test-support/fuzz/document.ts";
import { fuzz } from "../../src-core/test-support/fuzz/fuzz.ts";
import { caseCountOf, firstSeed } from "../../src-core/test-support/fuzz/fuzz-cases.ts";
import { mutateJson } from "../../src-core/test-support/fuzz/mutate-json.ts";
import { parseEngineEvent } from "../engine/engine-event-schema.ts";
import type { Channel } from "./ipc-channels.ts";
import { checkRequest, RefusedRequest } from "./ipc-request.ts";
import { requestSchemas } from "./ipc-schemas.ts";
import { engineEvents, requests } from "./messages.fixture.ts";

const channels = Object.keys(requestSchemas) as Channel[];

/** What JSON has no words for, and structured cloning carries: written as {"$": "NaN"}. */
const circle: Record<string, unknown> = {};
circle.self = circle;
const clonable: Readonly<Record<string, unknown>> = {
  undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  bigint: 2n ** 64n,
  date: new Date(0),
  map: new Map([["a", 1]]),
  bytes: new Uint8Array(64),
  counts: new Uint32Array(128),
  norms: new Float64Array(3),
  holes: new Array(200_000),
  many: Array(200_000).fill({}),
  long: "x".repeat(2 ** 20),
  deep: Array.from({ length: 5000 }).reduce<unknown>((inner) => [inner], null),
  circle,
};
const special = Object.keys(clonable).map((name) => JSON.stringify({ $: name }));

function revive(_: string, value: unknown): unknown {
  const name = typeof value === "object" && value !== null && "$" in value ? value.$ : null;
  return typeof name === "string" && Object.hasOwn(clonable, name) ? clonable[name] : value;
}

function documentOf(channel: string, message: unknown): FuzzDocument {
  const text = JSON.stringify(message, (_, value) => {
    if (value instanceof Uint32Array) return { $: "counts" };
    if (value instanceof Float64Array) return { $: "norms" };
    return value instanceof Uint8Array ? { $: "bytes" } : value;
  });
  return { channel: encodeUtf8(channel), message: encodeUtf8(text ?? '{"$":"undefined"}') };
}

/** The message itself; null where the text is no JSON any more: no such message can be sent. */
function messageIn(document: FuzzDocument): { readonly value: unknown } | null {
  try {
    return { value: JSON.parse(Buffer.from(document.message ?? []).toString("utf8"), revive) };
  } catch {
    return null;
  }
}

const damage = mutateJson([...special, '"00000000-0000-4000-8000-000000000000"', '"by-token"', "0.5"]);
const mutate = (document: FuzzDocument, random: Parameters<typeof damage>[1]) => ({
  ...document,
  ...mutateFiles({ message: document.message ?? new Uint8Array() }, random, () => [damage]),
});

function outcomeOf(channel: Channel, message: unknown): string {
  try {
    checkRequest(channel, message);
    return "accepted";
  } catch (error) {
    if (!(error instanceof RefusedRequest)) throw error;
    expect(error.message.length).toBeLessThanOrEqual(500);
    return "refused";
  }
}

describe("messages with damage", () => {
  test("from the window are requests or are refused", async () => {
    const outcomes = await fuzz({
      name: "window-request",
      originals: channels.map((channel) => documentOf(channel, requests[channel])),
      mutate,
      read: (document) => {
        const message = messageIn(document);
        return message === null
          ? "not sent"
          : outcomeOf(latin1(document.channel ?? new Uint8Array()) as Channel, message.value);
      },
    });
    for (const outcome of ["accepted", "refused"]) expect(outcomes.get(outcome)).toBeGreaterThan(100);
  });

  test("from the engine are events or are refused", async () => {
    const outcomes = await fuzz({
      name: "engine-event",
      originals: engineEvents.map((event) => documentOf("engine", event)),
      mutate,
      read: (document) => {
        const message = messageIn(document);
        if (message === null) return "not sent";
        return parseEngineEvent(message.value) === null ? "refused" : "accepted";
      },
    });
    for (const outcome of ["accepted", "refused"]) expect(outcomes.get(outcome)).toBeGreaterThan(100);
  });

  test("of any kind at all are refused, but where a channel asks for nothing, for a text, or for a yes or no", () => {
    const undemanding: readonly Channel[] = [
      "environment",
      "takeFirstTour",
      "openSamples",
      "openDropped",
      "openDroppedRecipe",
      "pickRecipe",
      "recentRecipes",
      "copyDiagnostics",
      "answerClosing",
      "handedRecipe",
      "handedModels",
      "unsavedRecipes",
      "newWindow",
      "recentModels",
      "modelPlaces",
      "settings",
      "pickExportFolder",
      "clearExportFolder",
      "addModelFolder",
      "keptMeasurements",
      "forgetMeasurements",
      "openLogs",
      "openRuntimeLicenses",
    ];
    const demanding = channels.filter((channel) => !undemanding.includes(channel));
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withTypedArray: true,
      withSparseArray: true,
    });
    fc.assert(
      fc.property(fc.constantFrom(...demanding), anything, (channel, message) => {
        const isFine = message === null && (channel === "pickOutput" || channel === "keepRecipe");
        expect(outcomeOf(channel, message)).toBe(isFine ? "accepted" : "refused");
      }),
      { numRuns: Math.round(caseCountOf("window-request") / 2), seed: firstSeed() },
    );
  });
});
