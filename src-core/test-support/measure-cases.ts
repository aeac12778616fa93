import { type MergeableDtype, mergeableDtypes } from "../checkpoint/dtype.ts";
import { maximumVectorCount } from "../limits.ts";
import { Random } from "../random.ts";
import { constant, type ValueKind, valuesOf, withExponents } from "./case-values.ts";
import type { MeasureCase } from "./measure-case.ts";
import type { CaseElements } from "./numeric-case.ts";

type Case = Omit<MeasureCase, "elementCount">;
type Vector = MeasureCase["vectors"][number];

/**
 * Elements of most cases: whole groups of eight, for a kernel may treat a part of one as an exception; and not whole groups.
 */
const whole = 2000;
const ragged = 1003;

/**
 * The table that every backend's measuring is held to; always the same. Sizes around `tileElements` (what a backend adds up in one
 * go) and `slotElements` (what fits in a slot at once of three bf16 operands) are in it.
 */
export function measureCases(tileElements: number, slotElements: number): readonly MeasureCase[] {
  return [
    ...dtypeCases(),
    ...sizeCases([0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 1001]),
    ...sizeCases([tileElements - 1, tileElements, tileElements + 1, 3 * tileElements + 8]),
    ...sizeCases([slotElements - 1, slotElements, slotElements + 1]),
    ...magnitudeCases(),
    ...thresholdCases(),
    ...cancellationCases(),
    ...zeroCases(),
    ...nonFiniteCases(tileElements),
    ...vectorCountCases(),
    ...oneAmongMillions(),
  ].map((entry) => ({ ...entry, elementCount: entry.vectors[0]?.chat.bits.length ?? 0 }));
}

/** Every mix of dtypes, with and without a target; elements of every kind, non-finite ones included. */
function* dtypeCases(): Generator<Case> {
  const random = new Random(21);
  for (const target of [null, ...mergeableDtypes]) {
    for (const chat of mergeableDtypes) {
      for (const base of mergeableDtypes) {
        const name = `target ${target ?? "absent"}, chat ${chat}, base ${base}`;
        for (const kinds of [["weight"], undefined] as const) {
          const values = (dtype: MergeableDtype) => valuesOf(dtype, kinds ? 504 : 501, random, kinds);
          yield {
            name: `${name}, ${kinds ?? "mixed"}`,
            target: target && values(target),
            vectors: [{ chat: values(chat), base: values(base) }],
          };
        }
      }
    }
  }
}

/** A scalar is one element. */
function* sizeCases(sizes: readonly number[]): Generator<Case> {
  const random = new Random(22);
  for (const size of sizes) {
    for (const dtype of ["BF16", "F32"] as const) {
      yield alike(`${size} elements of ${dtype}`, (_) => valuesOf(dtype, size, random, ["weight"]));
    }
  }
}

/** One kind at a time, and all of them in one tensor. */
function* magnitudeCases(): Generator<Case> {
  const random = new Random(23);
  const mixtures: ValueKind[][] = [["subnormal"], ["tiny"], ["huge"], ["subnormal", "weight"], ["tiny", "huge"]];
  for (const dtype of mergeableDtypes) {
    for (const kinds of mixtures) {
      for (const size of [whole, ragged]) {
        yield alike(`${size} ${kinds.join(" and ")} ${dtype}`, () => valuesOf(dtype, size, random, kinds));
      }
    }
  }
  for (const dtype of ["F32", "BF16"] as const) {
    yield alike(`1e-30 to 1e30 in ${dtype}`, () => withExponents(dtype, 10 * whole, random, -100, 100));
    yield alike(`1e-38 in ${dtype}`, () => withExponents(dtype, whole, random, -127, -126));
    for (const role of [0, 1, 2]) {
      const draw = (operand: number) =>
        operand === role ? withExponents(dtype, whole, random, -100, -70) : valuesOf(dtype, whole, random, ["weight"]);
      yield alike(`operand ${role} of ${dtype} is tiny`, draw);
    }
    // All of τ, or of σ, lies in one element that is tiny beside those where it is 0.
    const weights = valuesOf(dtype, whole - 1, random, ["weight"]);
    for (const exponent of [-126, -100, -60, -30]) {
      const [small, other] = [withExponents(dtype, 1, random, exponent, exponent), constant(dtype, 1, 0)];
      const name = `beside ${dtype} weights one difference of 2^${exponent}`;
      const [changed, base] = [joined(weights, small), joined(weights, other)];
      yield {
        name: `${name} in τ`,
        target: valuesOf(dtype, whole, random, ["weight"]),
        vectors: [{ chat: changed, base }],
      };
      yield {
        name: `${name} in σ`,
        target: changed,
        vectors: [{ chat: valuesOf(dtype, whole, random, ["weight"]), base }],
      };
      yield { name: `${name} in both`, target: changed, vectors: [{ chat: changed, base }] };
    }
  }
}

/** Around the magnitudes at which the kernels change their ways: 2^-40, 2^50, and the ends of the histogram. */
function* thresholdCases(): Generator<Case> {
  const random = new Random(24);
  for (const [low, high] of [
    [-49, -46],
    [-42, -38],
    [14, 18],
    [48, 52],
    [57, 59],
    [60, 66],
    [-66, -60],
  ] as const) {
    yield alike(`F32 from 2^${low} to 2^${high}`, () => withExponents("F32", whole, random, low, high));
    const weights = valuesOf("F32", whole, random, ["weight"]);
    const chat = withExponents("F32", whole, random, low, high);
    yield {
      name: `τ from 2^${low} to 2^${high}`,
      target: weights,
      vectors: [{ chat, base: constant("F32", whole, 0) }],
    };
  }
}

/** τ ≪ base: neighbouring floats, and every hundredth element different. */
function* cancellationCases(): Generator<Case> {
  const random = new Random(25);
  for (const dtype of mergeableDtypes) {
    for (const kind of ["weight", "tiny", "subnormal", "huge"] as const) {
      const base = valuesOf(dtype, whole, random, [kind]);
      const neighbour = { dtype, bits: base.bits.map((bits) => bits ^ 1) };
      const sparse = { dtype, bits: base.bits.map((bits, index) => (index % 100 === 7 ? bits ^ 1 : bits)) };
      const target = valuesOf(dtype, whole, random, [kind]);
      yield { name: `chat next to base, ${kind} ${dtype}`, target, vectors: [{ chat: neighbour, base }] };
      yield { name: `both next to base, ${kind} ${dtype}`, target: sparse, vectors: [{ chat: neighbour, base }] };
      yield { name: `sparse τ, ${kind} ${dtype}`, target: neighbour, vectors: [{ chat: sparse, base }] };
    }
  }
}

/** Zeros of both signs, and models that are one another. */
function* zeroCases(): Generator<Case> {
  const random = new Random(26);
  for (const dtype of mergeableDtypes) {
    const signBit = dtype === "F32" ? 0x80000000 : 0x8000;
    const zeros = () => ({ dtype, bits: Uint32Array.from({ length: whole }, () => random.integer(2) * signBit) });
    const weights = () => valuesOf(dtype, whole, random, ["weight"]);
    const sparse = () => joined(zeros(), weights());
    yield alike(`zeros of both signs in ${dtype}`, zeros);
    yield alike(`zeros of both signs beside ${dtype} weights`, sparse);
    yield {
      name: `${dtype} weights, zeros in chat and base`,
      target: weights(),
      vectors: [{ chat: zeros(), base: zeros() }],
    };
    yield { name: `a target of zeros in ${dtype}`, target: zeros(), vectors: [{ chat: weights(), base: weights() }] };
    const [base, chat] = [weights(), weights()];
    yield { name: `chat is base, ${dtype}`, target: weights(), vectors: [{ chat: base, base }] };
    yield { name: `the target is base, ${dtype}`, target: base, vectors: [{ chat, base }] };
    yield { name: `the target is chat, ${dtype}`, target: chat, vectors: [{ chat, base }] };
    yield { name: `all are one, ${dtype}`, target: base, vectors: [{ chat: base, base }] };
  }
}

const quietNans = { F32: 0x7fc00000, F16: 0x7e00, BF16: 0x7fc0 } as const;
const signallingNans = { F32: 0x7f800001, F16: 0x7c01, BF16: 0x7f81 } as const;
const infinities = { F32: 0x7f800000, F16: 0x7c00, BF16: 0x7f80 } as const;
const negativeInfinities = { F32: 0xff800000, F16: 0xfc00, BF16: 0xff80 } as const;

/** Each kind in each role; several at one index and at several; nothing else. */
function* nonFiniteCases(tileElements: number): Generator<Case> {
  const random = new Random(27);
  for (const dtype of mergeableDtypes) {
    for (const [kind, patterns] of Object.entries({ quietNans, signallingNans, infinities, negativeInfinities })) {
      for (const role of [0, 1, 2, 3, 4]) {
        const operands = Array.from({ length: 5 }, () => valuesOf(dtype, whole, random, ["weight"]));
        operands[role]?.bits.set([patterns[dtype]], random.integer(whole));
        yield ofOperands(`${kind} in operand ${role} of ${dtype}`, operands);
      }
    }
    const everywhere = Array.from({ length: 5 }, () => valuesOf(dtype, whole, random, ["weight"]));
    for (const [role, index] of [
      [4, 700],
      [3, 700],
      [1, 901],
      [0, 901],
    ] as const) {
      everywhere[role]?.bits.set([quietNans[dtype]], index);
    }
    yield ofOperands(`several in ${dtype}`, everywhere);
    yield alike(`nothing finite in ${dtype}`, () => constant(dtype, whole, infinities[dtype]));
  }
  const late = Array.from({ length: 3 }, () => valuesOf("BF16", 3 * tileElements, random, ["weight"]));
  late[2]?.bits.set([infinities.BF16], 2 * tileElements + 5);
  late[1]?.bits.set([infinities.BF16], 3 * tileElements - 1);
  yield ofOperands("in two tiles of three", late);
}

/** Dtypes alike and mixed; a common base, and vectors that are one another; pairs. */
function* vectorCountCases(): Generator<Case> {
  const random = new Random(28);
  for (let count = 1; count <= maximumVectorCount; count++) {
    const values = (dtype: MergeableDtype) => valuesOf(dtype, 600, random, ["weight"]);
    const vectors = (dtypeAt: (at: number) => MergeableDtype): Vector[] =>
      Array.from({ length: count }, (_, v) => ({ chat: values(dtypeAt(2 * v)), base: values(dtypeAt(2 * v + 1)) }));
    const mixed = vectors((at) => mergeableDtypes[at % 3] ?? "F32");
    yield { name: `${count} vectors of BF16`, target: values("BF16"), vectors: vectors(() => "BF16") };
    yield { name: `${count} vectors of mixed dtypes`, target: values("F16"), vectors: mixed };
    yield { name: `${count} vectors without a target`, target: null, vectors: mixed };
    const base = values("BF16");
    const common = Array.from({ length: count }, () => ({ chat: values("BF16"), base }));
    yield { name: `${count} vectors of a common base`, target: values("F32"), vectors: common };
    const wide = () => withExponents("F32", 304, random, -100, 100);
    yield {
      name: `${count} vectors of 1e-30 to 1e30`,
      target: wide(),
      vectors: Array.from({ length: count }, () => ({ chat: wide(), base: wide() })),
    };
  }
  const [chat, base] = [valuesOf("F32", whole, random, ["tiny"]), valuesOf("F32", whole, random, ["tiny"])];
  const huge = { chat: valuesOf("F32", whole, random, ["huge"]), base: valuesOf("BF16", whole, random, ["huge"]) };
  const target = valuesOf("F32", whole, random, ["weight"]);
  yield {
    name: "a tiny vector, twice",
    target,
    vectors: [
      { chat, base },
      { chat, base },
    ],
  };
  yield {
    name: "a tiny vector and its opposite",
    target,
    vectors: [
      { chat, base },
      { chat: base, base: chat },
    ],
  };
  yield { name: "a tiny vector and a huge one", target, vectors: [{ chat, base }, huge] };
}

/** Counted, located, and not spoiling the rest. */
function* oneAmongMillions(): Generator<Case> {
  const random = new Random(29);
  const operands = [0, 1, 2].map(() => valuesOf("BF16", 2 ** 21 + 3, random, ["weight"]));
  for (const [role, bits] of [
    [0, quietNans.BF16],
    [2, negativeInfinities.BF16],
  ] as const) {
    const index = 1_500_007 + role;
    const changed = operands.map((operand, at) => (at === role ? withBits(operand, index, bits) : operand));
    yield ofOperands(`one non-finite value in operand ${role} among millions`, changed);
  }
}

function withBits({ dtype, bits }: CaseElements, index: number, pattern: number): CaseElements {
  const changed = bits.slice();
  changed[index] = pattern;
  return { dtype, bits: changed };
}

/** Target, chat and base drawn one after another. */
function alike(name: string, draw: (operand: number) => CaseElements): Case {
  return ofOperands(name, [0, 1, 2].map(draw));
}

/** Operands: target, chat, base, chat, base… */
function ofOperands(name: string, [target, ...operands]: readonly CaseElements[]): Case {
  if (target === undefined) throw new RangeError("no target");
  const vectors: Vector[] = [];
  for (let at = 0; at + 1 < operands.length; at += 2) {
    const [chat, base] = [operands[at], operands[at + 1]];
    if (chat === undefined || base === undefined) throw new RangeError("operands come in pairs");
    vectors.push({ chat, base });
  }
  return { name, target, vectors };
}

function joined(first: CaseElements, second: CaseElements): CaseElements {
  return { dtype: first.dtype, bits: Uint32Array.from([...first.bits, ...second.bits]) };
}
