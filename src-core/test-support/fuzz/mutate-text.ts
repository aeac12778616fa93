import type { Random } from "../../random.ts";
import { fromLatin1, latin1, type Mutator, pick, utf8AsLatin1 } from "./document.ts";

/** Pieces that mean something put in, taken out, repeated or exchanged; `others` are texts that parts are taken from. */
export function mutateText(pieces: readonly string[], others: readonly string[] = []): Mutator {
  const [small, large] = [pieces.map(utf8AsLatin1), others.map(utf8AsLatin1)];
  return (bytes, random) => fromLatin1(tamper(latin1(bytes), small, large, random));
}

function tamper(text: string, pieces: readonly string[], others: readonly string[], random: Random): string {
  const [from, length] = [random.integer(text.length + 1), random.integer(12)];
  const [before, cut, after] = [text.slice(0, from), text.slice(from, from + length), text.slice(from + length)];
  switch (random.integer(others.length > 0 ? 6 : 5)) {
    case 0:
      return before + pick(random, pieces) + cut + after;
    case 1:
      return before + after;
    case 2:
      return before + pick(random, pieces) + after;
    case 3:
      return before + cut.repeat(1 + random.integer(20)) + after;
    case 4:
      return before + String.fromCharCode(random.integer(256)) + after;
    default:
      return before + pick(random, others).slice(random.integer(40), 40 + random.integer(200)) + cut + after;
  }
}
