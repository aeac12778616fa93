import { openBrace, openBracket } from "../checkpoint/json-bytes.ts";
import { JsonScanner } from "../checkpoint/json-scanner.ts";
import { decodeUtf8, encodeUtf8 } from "../checkpoint/utf8.ts";
import { StudioError } from "../errors.ts";

export type JsonPath = readonly (string | number)[];

/** A value in the text, in bytes. */
interface Span {
  readonly start: number;
  readonly end: number;
}

interface Child extends Span {
  /** Null in a list. */
  readonly key: string | null;
  readonly keySpan: Span | null;
}

interface Splice extends Span {
  readonly text: string;
}

/** New members of an object, or elements of a list. */
interface Addition {
  readonly container: Span;
  readonly values: { readonly key: string | null; readonly value: unknown }[];
}

/**
 * Changes single values of a JSON text and leaves every other byte as it is: the order of keys, indentation, how numbers are
 * written (`1e-05`, `1000000000000000019884624838656`), Python's NaN. Every path is one of the text as it was given; values
 * inside one that is replaced cannot be changed too. New members and elements come last, laid out as their neighbours.
 */
export class JsonEditor {
  readonly #bytes: Uint8Array;
  readonly #where: string;
  readonly #code: "tokenizer-invalid" | "config-invalid";
  readonly #splices: Splice[] = [];
  /** By where the container starts. */
  readonly #additions = new Map<number, Addition>();
  readonly #known = new Map<number, readonly Child[]>();
  readonly #root: Span;

  /** Throws a StudioError with `code` where the text is no JSON object; `where` names its file. */
  constructor(text: string, where: string, code: "tokenizer-invalid" | "config-invalid") {
    this.#bytes = encodeUtf8(text);
    this.#where = where;
    this.#code = code;
    const scanner = this.#scanner({ start: 0, end: this.#bytes.length });
    const start = scanner.position;
    if (!scanner.nextIsObject()) scanner.enterObject("a JSON object");
    scanner.skipValue();
    this.#root = { start, end: scanner.lastEnd };
    scanner.expectEnd();
  }

  has(path: JsonPath): boolean {
    return this.#find(path) !== null;
  }

  /** The value at a path as JSON.parse gives it; undefined where there is none. Python's NaN and Infinity are null. */
  value(path: JsonPath): unknown {
    const span = this.#find(path);
    return span === null ? undefined : this.#scanner(span).readJson("a value", this.#bytes.length);
  }

  isList(path: JsonPath): boolean {
    const span = this.#find(path);
    return span !== null && this.#bytes[span.start] === openBracket;
  }

  /** Replaces a value, or adds a member to an object that has none of that name. The object itself must be there. */
  set(path: JsonPath, value: unknown): void {
    const span = this.#find(path);
    if (span === null) this.#add(path.slice(0, -1), String(path.at(-1)), value);
    else this.#splices.push({ ...span, text: this.#format(value, this.#indentationAt(span.start)) });
  }

  /** Takes a member out of its object, with what parts it from its neighbour; nothing where there is none. */
  remove(path: JsonPath): void {
    const container = this.#find(path.slice(0, -1));
    const children = container === null ? [] : this.#children(container);
    const index = children.map(({ key }) => key).lastIndexOf(String(path.at(-1)));
    const child = children[index];
    if (child === undefined) return;
    const [before, after] = [children[index - 1], children[index + 1]];
    if (before !== undefined) this.#splices.push({ start: before.end, end: child.end, text: "" });
    else if (after !== undefined) {
      this.#splices.push({ start: keyOrValueStart(child), end: keyOrValueStart(after), text: "" });
    } else this.#splices.push({ start: keyOrValueStart(child), end: child.end, text: "" });
  }

  /** Adds an element to a list. */
  push(path: JsonPath, value: unknown): void {
    this.#add(path, null, value);
  }

  /** Gives members of one object new names; returns the names that were there. Made for vocabularies: it goes through once. */
  renameKeys(path: JsonPath, names: ReadonlyMap<string, string>): Set<string> {
    const renamed = new Set<string>();
    const span = this.#find(path);
    if (span === null) return renamed;
    for (const { key, keySpan } of this.#walk(span)) {
      const name = key === null ? undefined : names.get(key);
      if (name === undefined || keySpan === null || key === null) continue;
      renamed.add(key);
      this.#splices.push({ ...keySpan, text: JSON.stringify(name) });
    }
    return renamed;
  }

  text(): string {
    const splices = [...this.#splices, ...[...this.#additions.values()].map((addition) => this.#insertion(addition))];
    splices.sort((a, b) => a.start - b.start);
    const parts: string[] = [];
    let at = 0;
    for (const { start, end, text } of splices) {
      if (start < at) throw new Error(`two changes of one place in ${this.#where} (byte ${start})`);
      parts.push(this.#decode(at, start), text);
      at = end;
    }
    parts.push(this.#decode(at, this.#bytes.length));
    return parts.join("");
  }

  #add(path: JsonPath, key: string | null, value: unknown): void {
    const container = this.#find(path);
    const opener = key === null ? openBracket : openBrace;
    if (container === null || this.#bytes[container.start] !== opener) {
      throw new StudioError({
        code: this.#code,
        what: "The file cannot be changed",
        where: `${this.#where}, ${path.join(".")}`,
        expected: key === null ? "a list" : "an object",
        actual: container === null ? "none" : "another value",
      });
    }
    const addition = this.#additions.get(container.start) ?? { container, values: [] };
    addition.values.push({ key, value });
    this.#additions.set(container.start, addition);
  }

  /** A container's new members, behind its last one, in the container's own layout. */
  #insertion({ container, values }: Addition): Splice {
    const children = this.#children(container);
    const [first, second] = children;
    const outer = this.#indentationAt(container.start);
    const emptyLead = outer === null ? "" : `\n${outer}  `;
    const lead = first === undefined ? emptyLead : this.#decode(container.start + 1, keyOrValueStart(first));
    const separator =
      first !== undefined && second !== undefined
        ? this.#decode(first.end, keyOrValueStart(second))
        : `,${lead === "" ? " " : lead}`;
    const indentation = lead.includes("\n") ? lead.slice(lead.lastIndexOf("\n") + 1) : null;
    const texts = values.map(({ key, value }) => {
      const text = this.#format(value, indentation);
      return key === null ? text : `${JSON.stringify(key)}${this.#colon(first)}${text}`;
    });
    const last = children.at(-1);
    if (last !== undefined) return { start: last.end, end: last.end, text: separator + texts.join(separator) };
    const close = outer === null ? "" : `\n${outer}`;
    return { start: container.start + 1, end: container.end - 1, text: lead + texts.join(separator) + close };
  }

  #colon(sibling: Child | undefined): string {
    return sibling?.keySpan == null ? ": " : this.#decode(sibling.keySpan.end, sibling.start);
  }

  /** Spread over lines like its surroundings; on one line where these are. */
  #format(value: unknown, indentation: string | null): string {
    if (indentation === null) return JSON.stringify(value);
    return JSON.stringify(value, null, 2).replaceAll("\n", `\n${indentation}`);
  }

  /** White space at the start of the line of a place; null where the whole text is on one line. */
  #indentationAt(byteOffset: number): string | null {
    const firstLineEnd = this.#bytes.indexOf(0x0a, this.#root.start);
    if (firstLineEnd < 0 || firstLineEnd >= this.#root.end) return null;
    const lineStart = this.#bytes.lastIndexOf(0x0a, byteOffset) + 1;
    let end = lineStart;
    while (this.#bytes[end] === 0x20 || this.#bytes[end] === 0x09) end++;
    return this.#decode(lineStart, end);
  }

  #find(path: JsonPath): Span | null {
    let span: Span = this.#root;
    for (const step of path) {
      const children = this.#children(span);
      const child = typeof step === "number" ? children[step] : lastWithKey(children, step);
      if (child === undefined) return null;
      span = child;
    }
    return span;
  }

  #children(container: Span): readonly Child[] {
    let children = this.#known.get(container.start);
    if (children === undefined) {
      children = [...this.#walk(container)];
      this.#known.set(container.start, children);
    }
    return children;
  }

  *#walk(container: Span): Generator<Child> {
    const opener = this.#bytes[container.start];
    if (opener !== openBrace && opener !== openBracket) return;
    const scanner = this.#scanner(container);
    const offset = container.start;
    if (opener === openBracket) scanner.enterArray("a list");
    else scanner.enterObject("an object");
    for (;;) {
      const key = opener === openBracket ? null : scanner.nextKey(Number.MAX_SAFE_INTEGER);
      if (opener === openBracket ? !scanner.nextElement() : key === null) return;
      const keySpan =
        key === null ? null : { start: offset + scanner.keySpan.start, end: offset + scanner.keySpan.end };
      const start = offset + scanner.position;
      scanner.skipValue();
      yield { key, keySpan, start, end: offset + scanner.lastEnd };
    }
  }

  #scanner(span: Span): JsonScanner {
    const code = this.#code;
    return new JsonScanner(this.#bytes.subarray(span.start, span.end), {
      name: this.#where,
      title: "the file",
      byteOffset: span.start,
      codes: { syntax: code, value: code, limit: code },
      pythonNumbers: true,
    });
  }

  #decode(start: number, end: number): string {
    return decodeUtf8(this.#bytes.subarray(start, end)) ?? "";
  }
}

function keyOrValueStart({ keySpan, start }: Child): number {
  return keySpan?.start ?? start;
}

/** Of a key that stands twice, parsers take the last. */
function lastWithKey(children: readonly Child[], wanted: string): Child | undefined {
  for (let index = children.length - 1; index >= 0; index--)
    if (children[index]?.key === wanted) return children[index];
  return undefined;
}
