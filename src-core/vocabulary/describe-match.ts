import type { RowMatch } from "./match-rows.ts";

/** "31,744 of 46,336 tokens matched; 14,592 are the target's own, e.g. ▁안녕, …": what matching by token came to, for people. */
export function describeMatch(match: RowMatch): string {
  const { matchedCount, ownCount, withoutBaseCount, paddingCount } = match;
  const tokenCount = matchedCount + ownCount + withoutBaseCount;
  const isAll = matchedCount === tokenCount;
  const by = match.by === "content" ? " by the text they stand for, since the tokenizers spell it differently" : "";
  const parts = [`${isAll ? "all" : `${group(matchedCount)} of`} ${count(tokenCount, "token")} matched${by}`];
  if (ownCount > 0) parts.push(`${group(ownCount)} ${are(ownCount)} the target's own${examples(match.ownExamples)}`);
  if (withoutBaseCount > 0) parts.push(`${group(withoutBaseCount)} ${are(withoutBaseCount)} in chat but not in base`);
  if (paddingCount > 0) parts.push(`${count(paddingCount, "padding row")} kept`);
  return parts.join("; ");
}

/** The tokens of the chat model that the target lacks, for people; null where there are none. */
export function describeChatOnly({ chatOnlyCount, chatOnlyExamples }: RowMatch): string | null {
  if (chatOnlyCount === 0) return null;
  const subject = `${count(chatOnlyCount, "token")} of chat ${are(chatOnlyCount)}`;
  return `${subject} not in the target${examples(chatOnlyExamples)}`;
}

function are(value: number): string {
  return value === 1 ? "is" : "are";
}

function examples(tokens: readonly string[]): string {
  return tokens.length === 0 ? "" : `, e.g. ${tokens.join(", ")}`;
}

function count(value: number, noun: string): string {
  return `${group(value)} ${noun}${value === 1 ? "" : "s"}`;
}

/** Thousands set apart, the same on every machine. */
function group(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
