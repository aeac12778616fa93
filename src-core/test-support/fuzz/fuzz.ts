import { exitCodes, StudioError } from "../../errors.ts";
import { Random } from "../../random.ts";
import { costMeter, maximumCaseBytes, maximumCaseMilliseconds } from "./case-cost.ts";
import { keepFound, readCorpus } from "./corpus.ts";
import { type FuzzDocument, pick } from "./document.ts";
import { caseCountOf, type FuzzName, firstSeed } from "./fuzz-cases.ts";
import { HangWatch } from "./hang-watch.ts";
import { shrink } from "./shrink.ts";

/** A parser, and how valid documents of its kind are damaged. */
export interface FuzzTarget {
  readonly name: FuzzName;
  /** Valid ones. */
  readonly originals: readonly FuzzDocument[];
  readonly mutate: (document: FuzzDocument, random: Random) => FuzzDocument;
  /**
   * Reads a document and checks what comes of it. Returns what it was taken for ("valid"); a StudioError is an outcome too, by
   * its code; anything else thrown is a defect.
   */
  readonly read: (document: FuzzDocument) => Promise<string> | string;
  /** Of processor time for one document; less than `maximumCaseMilliseconds`. */
  readonly maximumMilliseconds?: number;
}

/** How often each outcome came about. */
export type Outcomes = ReadonlyMap<string, number>;

/**
 * Replays the parser's corpus, then reads damaged documents, each made from its seed alone. Throws at the first that crashes
 * the parser, takes longer than a second or more memory than `maximumCaseBytes`, or changes Object's prototype; the message
 * has the seed, and the place of the document, made small.
 */
export async function fuzz(target: FuzzTarget): Promise<Outcomes> {
  const outcomes = new Map<string, number>();
  const watch = new HangWatch(target.name);
  try {
    for (const document of target.originals)
      await expectOutcome(target, "an original", document, (found) => !(found in exitCodes));
    for (const { title, document, outcome } of readCorpus(target.name)) {
      await expectOutcome(target, `the corpus's ${title}`, document, (found) => found === outcome);
    }
    const first = firstSeed();
    for (let seed = first; seed < first + caseCountOf(target.name); seed++) {
      const document = damagedDocument(target, seed);
      watch.begin(seed);
      const result = await tryDocument(target, document);
      watch.end();
      if (result.fault !== undefined) throw await report(target, seed, document, result.fault);
      outcomes.set(result.outcome, (outcomes.get(result.outcome) ?? 0) + 1);
    }
  } finally {
    await watch.stop();
  }
  return outcomes;
}

function damagedDocument({ originals, mutate }: FuzzTarget, seed: number): FuzzDocument {
  const random = new Random(seed);
  return mutate(pick(random, originals), random);
}

type Result =
  | { readonly outcome: string; readonly fault?: never }
  | { readonly outcome?: never; readonly fault: Error };

async function tryDocument(target: FuzzTarget, document: FuzzDocument): Promise<Result> {
  let outcome: string;
  const cost = costMeter();
  try {
    outcome = await target.read(document);
  } catch (error) {
    if (!(error instanceof StudioError)) return { fault: error instanceof Error ? error : new Error(String(error)) };
    outcome = error.failure.code;
  }
  const { milliseconds, bytes } = cost();
  if (milliseconds > (target.maximumMilliseconds ?? maximumCaseMilliseconds))
    return { fault: new Error(`it took ${Math.round(milliseconds)} ms`) };
  if (bytes > maximumCaseBytes) return { fault: new Error(`it took ${bytes} bytes of memory`) };
  if ("polluted" in {} || Object.keys(Object.prototype).length > 0)
    return { fault: new Error("Object's prototype changed") };
  return { outcome };
}

async function expectOutcome(
  target: FuzzTarget,
  what: string,
  document: FuzzDocument,
  isRight: (outcome: string) => boolean,
): Promise<void> {
  const { outcome, fault } = await tryDocument(target, document);
  if (fault !== undefined) throw new Error(`${target.name}, ${what}: ${fault.message}`, { cause: fault });
  if (!isRight(outcome)) throw new Error(`${target.name}, ${what}: ${outcome}`);
}

async function report(target: FuzzTarget, seed: number, document: FuzzDocument, fault: Error): Promise<Error> {
  // What a message says beside numbers and names: another defect met on the way is not this one.
  const kind = (error: Error) => `${error.name} ${error.message.replace(/\d+|".*?"/g, "").slice(0, 40)}`;
  const small = await shrink(document, async (candidate) => {
    const result = await tryDocument(target, candidate);
    return result.fault !== undefined && kind(result.fault) === kind(fault);
  });
  const path = keepFound(target.name, seed, fault.message, small);
  return new Error(`fuzzing ${target.name}, seed ${seed}: ${fault.message}; the document, made small: ${path}`, {
    cause: fault,
  });
}
