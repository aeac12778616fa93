import { type MergeableDtype, mergeableDtypes } from "../checkpoint/dtype.ts";
import { maximumVectorCount } from "../limits.ts";
import { Random } from "../random.ts";
import { alikeValues, allPatterns, constant, f32Values, type ValueKind, valuesOf } from "./case-values.ts";
import type { CaseElements, NumericCase } from "./numeric-case.ts";

/** λ: the plain ones, one that no dtype holds exactly, and the ends of its range. */
const scales = [0, 1, -1, 0.7, 2 ** -32, -(2 ** -32), 2 ** 32, -(2 ** 32)].map(Math.fround);

type Case = Omit<NumericCase, "elementCount">;

/**
 * The table that every backend is held to; always the same. `chunkElements` is how many bf16 elements (with one vector) fit in a slot at
 * once, `strideElements` how many its workgroups take in one go: sizes around both are in the table.
 */
export function numericCases(chunkElements: number, strideElements: number): readonly NumericCase[] {
  return [
    ...dtypeCases(),
    ...scaleCases(),
    ...sizeCases([0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 1001]),
    ...sizeCases([strideElements - 1, strideElements, strideElements + 1]),
    ...sizeCases([chunkElements - 1, chunkElements, chunkElements + 1]),
    ...vectorCountCases(),
    ...magnitudeCases(),
    ...roundingCases(),
    ...cancellationCases(),
    ...exhaustiveCases(),
  ].map((entry) => ({ ...entry, elementCount: entry.target.bits.length }));
}

/** Every pair of dtypes for target × (chat, base) × output, elements of every kind. */
function* dtypeCases(): Generator<Case> {
  const random = new Random(1);
  for (const target of mergeableDtypes) {
    for (const chat of mergeableDtypes) {
      for (const base of mergeableDtypes) {
        for (const outputDtype of mergeableDtypes) {
          const name = `target ${target}, chat ${chat}, base ${base} → ${outputDtype}`;
          yield oneVector(
            `${name}, mixed`,
            outputDtype,
            0.7,
            [target, chat, base].map((dtype) => valuesOf(dtype, 501, random)),
          );
          yield oneVector(`${name}, alike`, outputDtype, 0.7, alikeValues([target, chat, base], 501, random));
        }
      }
    }
  }
}

function* scaleCases(): Generator<Case> {
  const random = new Random(2);
  for (const scale of scales) {
    for (const dtype of mergeableDtypes) {
      const values = (kinds?: readonly ValueKind[]) => valuesOf(dtype, 501, random, kinds);
      for (const outputDtype of mergeableDtypes) {
        const name = `λ ${scale}, ${dtype} → ${outputDtype}`;
        yield oneVector(`${name}, mixed`, outputDtype, scale, [values(), values(), values()]);
        yield oneVector(`${name}, alike`, outputDtype, scale, alikeValues([dtype, dtype, dtype], 501, random));
        const weights = [values(["weight"]), values(["weight"])];
        yield oneVector(`${name}, tiny beside weights`, outputDtype, scale, [
          values(["subnormal", "tiny"]),
          ...weights,
        ]);
      }
    }
  }
}

/** A scalar is one element. */
function* sizeCases(sizes: readonly number[]): Generator<Case> {
  const random = new Random(3);
  for (const size of sizes) {
    for (const dtype of ["BF16", "F32"] as const) {
      const operands = [dtype, dtype, dtype].map((each) => valuesOf(each, size, random, ["weight", "weight", "edge"]));
      yield oneVector(`${size} elements of ${dtype}`, dtype, 0.7, operands);
    }
  }
}

/** No vector is a conversion. */
function* vectorCountCases(): Generator<Case> {
  const random = new Random(4);
  const drawScale = () => scales[random.integer(scales.length)] ?? 1;
  for (let count = 0; count <= maximumVectorCount; count++) {
    for (const mixed of [false, true]) {
      const dtypeAt = (at: number): MergeableDtype => (mixed ? (mergeableDtypes[at % 3] ?? "F32") : "BF16");
      const dtypes = Array.from({ length: 1 + 2 * count }, (_, at) => dtypeAt(at));
      for (const [name, operands] of [
        ["mixed", dtypes.map((dtype) => valuesOf(dtype, 301, random))],
        ["alike", alikeValues(dtypes, 301, random)],
        ["weights", dtypes.map((dtype) => valuesOf(dtype, 301, random, ["weight"]))],
      ] as const) {
        const outputDtype = mixed ? (mergeableDtypes[count % 3] ?? "F32") : "BF16";
        const dtypeNames = mixed ? "of mixed dtypes" : "of BF16";
        yield manyVectors(`${count} vectors ${dtypeNames}, ${name}`, outputDtype, drawScale, operands);
      }
    }
  }
}

/** One kind at a time, so that even short runs of elements are all tiny, all subnormal, all huge. */
function* magnitudeCases(): Generator<Case> {
  const random = new Random(5);
  const mixtures: ValueKind[][] = [
    ["subnormal"],
    ["tiny"],
    ["huge"],
    ["edge"],
    ["subnormal", "weight"],
    ["tiny", "huge"],
  ];
  for (const kinds of mixtures) {
    for (const dtype of mergeableDtypes) {
      for (const outputDtype of mergeableDtypes) {
        const name = `${kinds.join(" and ")} ${dtype} → ${outputDtype}`;
        for (const scale of [1, Math.fround(0.7), -1]) {
          const operands = Array.from({ length: 3 }, () => valuesOf(dtype, 203, random, kinds));
          yield oneVector(`${name}, λ ${scale}`, outputDtype, scale, operands);
        }
        const operands = Array.from({ length: 5 }, () => valuesOf(dtype, 203, random, kinds));
        yield manyVectors(`${name}, two vectors`, outputDtype, () => Math.fround(0.7), operands);
      }
    }
  }
}

/** Exactly between two results, and one f32 ULP to either side; at every power of two of a dtype, for even and odd neighbours. */
function* roundingCases(): Generator<Case> {
  for (const [dtype, fractionBits, least, largest] of [
    ["BF16", 7, -126, 127],
    ["F16", 10, -14, 15],
  ] as const) {
    const ties: number[] = [];
    for (let exponent = least - fractionBits - 2; exponent <= largest; exponent++) {
      const ulp = 2 ** (Math.max(exponent, least) - fractionBits);
      // The largest exponent's last tie is the threshold of overflow.
      for (const count of [0, 1, 2, 3, 2 ** fractionBits - 2, 2 ** fractionBits - 1]) {
        const tie = (exponent < least ? 0 : 2 ** exponent) + (count + 0.5) * ulp;
        const step = 2 ** (Math.max(exponent, -126) - 23);
        ties.push(tie - step, tie, tie + step);
      }
    }
    const values = f32Values(ties.flatMap((tie) => [tie, -tie]).filter((value) => Math.fround(value) === value));
    const zero = constant("F32", values.bits.length, 0);
    yield { name: `ties of ${dtype} in the target`, target: values, vectors: [], outputDtype: dtype };
    yield oneVector(`ties of ${dtype} in chat`, dtype, 1, [zero, values, zero]);
    yield oneVector(`ties of ${dtype} in base`, dtype, 1, [zero, zero, values]);
  }
  yield tiesOfTheSum();
  yield tiesDecidedBelowF32();
}

/** target + τ between two f32, two bf16: 1 + 2^-24 and the like. */
function tiesOfTheSum(): Case {
  const targets: number[] = [];
  const chats: number[] = [];
  for (const target of [1, 1 + 2 ** -7, 1 + 2 ** -23, 1 - 2 ** -24, -1, 2 ** 20, 2 ** -20]) {
    for (const half of [2 ** -8, 2 ** -9, 2 ** -11, 2 ** -24, 2 ** -25]) {
      for (const factor of [1, 1 + 2 ** -23, 1 - 2 ** -24, -1]) {
        targets.push(target);
        chats.push(Math.abs(target) * half * factor);
      }
    }
  }
  const zero = constant("F32", targets.length, 0);
  return oneVector("ties of the sum", "BF16", 1, [
    f32Values(targets.map(Math.fround)),
    f32Values(chats.map(Math.fround)),
    zero,
  ]);
}

/**
 * Subnormal bf16 ties, which 0.3 of f32's smallest number decides: rounding the sum to an f32 first would lose it.
 * (Beyond 2^-128 the contract's tolerance would hide that.)
 */
function tiesDecidedBelowF32(): Case {
  const counts = Array.from({ length: 32 }, (_, count) => count);
  const targets = f32Values(counts.map((count) => (count + 0.5) * 2 ** -133));
  const chats = f32Values(counts.map((count) => (count % 2 === 0 ? 1 : -1) * 2 ** -149));
  return oneVector("ties decided below f32", "BF16", 0.3, [targets, chats, constant("F32", counts.length, 0)]);
}

/** chat = base; base a neighbour of chat; target = −τ, which leaves zero or the last bits. */
function* cancellationCases(): Generator<Case> {
  const random = new Random(6);
  for (const dtype of mergeableDtypes) {
    for (const outputDtype of mergeableDtypes) {
      for (const kind of ["weight", "tiny", "subnormal", "huge"] as const) {
        const chat = valuesOf(dtype, 301, random, [kind]);
        const target = valuesOf(dtype, 301, random, [kind]);
        const neighbour = { dtype, bits: chat.bits.map((bits) => bits ^ 1) };
        const negative = {
          dtype,
          bits: chat.bits.map((bits) => (bits ^ (dtype === "F32" ? 0x80000000 : 0x8000)) >>> 0),
        };
        const zero = constant(dtype, 301, 0);
        const name = `${kind} ${dtype} → ${outputDtype}`;
        yield oneVector(`chat equals base, ${name}`, outputDtype, 0.7, [target, chat, chat]);
        yield oneVector(`chat next to base, ${name}`, outputDtype, 0.7, [target, chat, neighbour]);
        yield oneVector(`τ cancels the target, ${name}`, outputDtype, 1, [negative, chat, zero]);
        yield oneVector(`τ nearly cancels the target, ${name}`, outputDtype, 1, [negative, neighbour, zero]);
      }
    }
  }
}

/** All 65,536 patterns of both 16-bit dtypes: converted, as the target of a vector, and as chat with base and target zero. */
function* exhaustiveCases(): Generator<Case> {
  for (const dtype of ["F16", "BF16"] as const) {
    const all = allPatterns(dtype);
    const zero = constant(dtype, all.bits.length, 0);
    for (const outputDtype of mergeableDtypes) {
      yield { name: `all of ${dtype} → ${outputDtype}`, target: all, vectors: [], outputDtype };
      yield oneVector(`all of ${dtype} as chat → ${outputDtype}`, outputDtype, 1, [zero, all, zero]);
    }
    yield oneVector(`all of ${dtype} as target, τ = 0`, dtype, 1, [all, zero, zero]);
  }
}

function oneVector(name: string, outputDtype: MergeableDtype, scale: number, operands: readonly CaseElements[]): Case {
  const [target, chat, base] = operands;
  if (target === undefined || chat === undefined || base === undefined) throw new RangeError("three operands");
  return { name, target, vectors: [{ scale: Math.fround(scale), chat, base }], outputDtype };
}

/** Operands: target, chat, base, chat, base… */
function manyVectors(
  name: string,
  outputDtype: MergeableDtype,
  drawScale: () => number,
  [target, ...operands]: readonly CaseElements[],
): Case {
  if (target === undefined) throw new RangeError("no target");
  const vectors = [];
  for (let at = 0; at + 1 < operands.length; at += 2) {
    const [chat, base] = [operands[at], operands[at + 1]];
    if (chat === undefined || base === undefined) throw new RangeError("operands come in pairs");
    vectors.push({ scale: drawScale(), chat, base });
  }
  return { name, target, vectors, outputDtype };
}
