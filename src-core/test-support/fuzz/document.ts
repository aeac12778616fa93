import type { Random } from "../../random.ts";

/** What a parser reads: one file or several, by name. */
export type FuzzDocument = Readonly<Record<string, Uint8Array>>;

/** Changes bytes in one place. */
export type Mutator = (bytes: Uint8Array, random: Random) => Uint8Array;

export function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.integer(items.length)] as Item;
}

/** Characters stand for bytes. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

/** Characters stand for bytes. */
export function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, "latin1"));
}

/** As UTF-8, with characters for its bytes. */
export function utf8AsLatin1(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

export function joinBytes(...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

/** One of the files changed one to three times. */
export function mutateFiles(
  document: FuzzDocument,
  random: Random,
  mutatorOf: (name: string) => readonly Mutator[],
): FuzzDocument {
  const changed: Record<string, Uint8Array> = { ...document };
  const names = Object.keys(document);
  for (let count = 1 + random.integer(3); count > 0; count--) {
    const name = pick(random, names);
    changed[name] = pick(random, mutatorOf(name))(changed[name] ?? new Uint8Array(), random);
  }
  return changed;
}
