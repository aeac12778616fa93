import { isCalled, type ModelKinship } from "./model-kinship.ts";

export type KinRole = "target" | "chat" | "base";
const kinRoles = ["target", "chat", "base"] as const;

/** A model to find a role for, or one that has its role. */
export interface Kin {
  readonly id: string;
  /** As it is shown. */
  readonly name: string;
  readonly kinship: ModelKinship;
  readonly vocabularySize: number | null;
}

export interface RoleProposal {
  readonly id: string;
  /** Null: no role is left for it. */
  readonly role: KinRole | null;
  /** Why, as the rest of a sentence that begins with the model's name. */
  readonly because: string;
  /** Nothing in it, or in the others, speaks for that role more than for another. */
  readonly isGuess: boolean;
}

interface Evidence {
  readonly weight: number;
  readonly because: string;
}

/** What names of models tell: publishers put it there as a word of its own. */
const chatWords =
  /(^|[-_. ])(chat|instruct|instruction|it|sft|dpo|rlhf|orpo|assistant|tuned|zephyr|vicuna|alpaca)([-_. ]|$)/i;
const baseWords = /(^|[-_. ])(base|pt|pretrained|foundation)([-_. ]|$)/i;
const targetWords =
  /(^|[-_. ])(target|cpt|continued|ko|kor|korean|ja|jp|japanese|zh|cn|chinese|de|german|fr|french|es|spanish|it-italian|vi|vietnamese|th|thai|hi|hindi|ar|arabic|tw|taiwan)([-_. ]|$)/i;

/**
 * Proposes a role for each newcomer from what it and the others say of themselves: who names whom as what it was made of, chat
 * templates, shapes, names. A role whose model stays is proposed only where every role is taken. Nothing is decided here: a person
 * sees it, with the reasons, before it is done.
 */
export function proposeRoles(
  newcomers: readonly Kin[],
  present: Readonly<Partial<Record<KinRole, Kin>>>,
): readonly RoleProposal[] {
  const free = kinRoles.filter((role) => present[role] === undefined);
  const open = free.length > 0 ? free : kinRoles;
  const others = kinRoles.flatMap((role) => present[role] ?? []);
  const best = bestAssignment(newcomers, open, (kin, role) =>
    weightOf(evidenceFor(kin, role, [...newcomers, ...others])),
  );
  return newcomers.map((kin) => {
    const role = best.get(kin.id) ?? null;
    if (role === null) return { id: kin.id, role, because: "finds no role left", isGuess: false };
    const evidence = evidenceFor(kin, role, [...newcomers, ...others]);
    return { id: kin.id, role, ...reasonOf(evidence, kin, newcomers, others) };
  });
}

type Assignment = ReadonlyMap<string, KinRole>;

/** Of all ways to give out the roles the one with the most weight; of equal ones the first, in the newcomers' and roles' order. */
function bestAssignment(
  newcomers: readonly Kin[],
  open: readonly KinRole[],
  weigh: (kin: Kin, role: KinRole) => number,
): Assignment {
  let best: { readonly weight: number; readonly roles: Assignment } = {
    weight: Number.NEGATIVE_INFINITY,
    roles: new Map(),
  };
  const go = (index: number, taken: Assignment, weight: number): void => {
    const kin = newcomers[index];
    if (kin === undefined) {
      if (weight > best.weight) best = { weight, roles: taken };
      return;
    }
    const used = new Set(taken.values());
    for (const role of open) {
      // A role is worth more than none, whatever speaks against it.
      if (!used.has(role)) go(index + 1, new Map([...taken, [kin.id, role]]), weight + 100 + weigh(kin, role));
    }
    if (newcomers.length > open.length) go(index + 1, taken, weight);
  };
  go(0, new Map(), 0);
  return best.roles;
}

const weightOf = (evidence: readonly Evidence[]) => evidence.reduce((sum, { weight }) => sum + weight, 0);

/** What speaks for a role (weights above 0) and against it, the strongest first. */
function evidenceFor(kin: Kin, role: KinRole, all: readonly Kin[]): readonly Evidence[] {
  const others = all.filter(({ id }) => id !== kin.id);
  const found = { base: baseEvidence, chat: chatEvidence, target: targetEvidence }[role](kin, others);
  return [...found].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

function baseEvidence(kin: Kin, others: readonly Kin[]): Evidence[] {
  const children = others.filter((other) => names(other, kin) && !mixes(other, kin));
  const evidence = children.map(({ name }) => ({ weight: 6, because: `is what ${name} says it was made of` }));
  if (baseWords.test(kin.name)) evidence.push({ weight: 3, because: "is called a base" });
  if (others.some((other) => isNameOf(kin.name, other.name)))
    evidence.push({ weight: 2, because: "has the name that the others build on" });
  if (kin.kinship.hasChatTemplate) evidence.push({ weight: -2, because: "has a chat template" });
  if (others.some((other) => names(kin, other))) evidence.push({ weight: -4, because: "was made of another one" });
  return evidence;
}

function chatEvidence(kin: Kin, others: readonly Kin[]): Evidence[] {
  const evidence: Evidence[] = [];
  const parent = others.find((other) => names(kin, other));
  const { hasChatTemplate } = kin.kinship;
  if (chatWords.test(kin.name)) evidence.push({ weight: 4, because: "is called a chat model" });
  if (hasChatTemplate) evidence.push({ weight: 3, because: "has a chat template" });
  else evidence.push({ weight: -2, because: "has no chat template" });
  if (parent !== undefined) evidence.push({ weight: 2, because: `says it was made of ${parent.name}` });
  if (baseWords.test(kin.name) || targetWords.test(kin.name))
    evidence.push({ weight: -2, because: "is called otherwise" });
  return evidence;
}

function targetEvidence(kin: Kin, others: readonly Kin[]): Evidence[] {
  const evidence: Evidence[] = [];
  const parent = others.find((other) => names(kin, other));
  if (parent !== undefined) evidence.push({ weight: 3, because: `says it was made of ${parent.name}` });
  if (targetWords.test(kin.name)) evidence.push({ weight: 3, because: "is called after a language or domain" });
  const sizes = others.map(({ vocabularySize }) => vocabularySize).filter((size) => size !== null);
  if (kin.vocabularySize !== null && sizes.length > 0 && sizes.every((size) => size < (kin.vocabularySize ?? 0)))
    evidence.push({ weight: 2, because: "has the largest vocabulary" });
  if (chatWords.test(kin.name)) evidence.push({ weight: -3, because: "is called a chat model" });
  if (kin.kinship.hasChatTemplate) evidence.push({ weight: -1, because: "has a chat template" });
  return evidence;
}

const names = (child: Kin, parent: Kin) => child.kinship.parents.some(({ name }) => isCalled(parent.kinship, name));

/** The child is a merge, which names whatever went into it. */
const mixes = (child: Kin, parent: Kin) =>
  child.kinship.parents.some(({ name, relation }) => relation === "merge" && isCalled(parent.kinship, name));

/** "Llama-2-7b" is the beginning of "Llama-2-7b-chat". */
function isNameOf(short: string, long: string): boolean {
  return long.length > short.length && long.toLowerCase().startsWith(short.toLowerCase());
}

function reasonOf(
  evidence: readonly Evidence[],
  kin: Kin,
  newcomers: readonly Kin[],
  others: readonly Kin[],
): Pick<RoleProposal, "because" | "isGuess"> {
  const said = evidence.flatMap(({ weight, because }) => (weight > 0 ? [because] : [])).slice(0, 2);
  const isGuess = said.length === 0;
  const isAlike = (other: Kin) => other.kinship.layout === kin.kinship.layout;
  const alike = others.find(isAlike);
  const unlike = [...others, ...newcomers].filter(({ id }) => id !== kin.id);
  if (alike !== undefined) said.push(`has the shapes of ${alike.name}`);
  if (said.length === 0) said.push("says nothing of its role");
  if (unlike[0] !== undefined && !unlike.some(isAlike)) said.push(`but has other shapes than ${unlike[0].name}`);
  return { because: joined(said), isGuess };
}

function joined(parts: readonly string[]): string {
  return parts.join(", ").replace(/, (?!but)([^,]+)$/, " and $1");
}
