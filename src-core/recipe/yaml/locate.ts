import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type ParsedNode,
  type Scalar,
  type YAMLMap,
  type YAMLSeq,
} from "yaml";
import { quoteName } from "../../checkpoint/quote.ts";
import { maximumYamlDepth, maximumYamlValueCount } from "../../limits.ts";
import type { ParsedYaml } from "./parse-yaml.ts";
import type { YamlSource } from "./yaml-source.ts";

/** A value of a YAML file with the place where it stands: the offset in UTF-16 code units. */
export type Located = LocatedScalar | LocatedList | LocatedMap;

export interface LocatedScalar extends Measured {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
}

export interface LocatedList extends Measured {
  readonly kind: "list";
  readonly items: readonly Located[];
}

export interface LocatedMap extends Measured {
  readonly kind: "map";
  /** In the file's order. A Map, so that no key of a file means anything to JavaScript. */
  readonly entries: ReadonlyMap<string, LocatedEntry>;
}

export interface LocatedEntry {
  readonly keyOffset: number;
  readonly value: Located;
}

interface Measured {
  readonly offset: number;
  /** Values in it, aliases expanded; and how deep they nest. */
  readonly valueCount: number;
  readonly depth: number;
}

/**
 * The document as values with places; aliases are followed. Throws `recipe-invalid` for keys that stand twice or are not text,
 * tags, aliases without or within their anchor, and aliases that would multiply to more than a recipe can hold.
 */
export function locate({ document, source }: ParsedYaml): Located {
  const locator = new Locator(source, document.schema.name === "yaml-1.1");
  return locator.locate(document.contents, contentOffset(document));
}

function contentOffset({ contents, range }: Document.Parsed): number {
  return contents?.range[0] ?? range[0];
}

class Locator {
  readonly #source: YamlSource;
  readonly #mergesMaps: boolean;
  /** What each anchor names; null while it is being read, so that it cannot hold itself. */
  readonly #anchors = new Map<string, Located | null>();

  constructor(source: YamlSource, mergesMaps: boolean) {
    this.#source = source;
    this.#mergesMaps = mergesMaps;
  }

  locate(node: ParsedNode | null, parentOffset: number): Located {
    if (node === null) return scalar(null, parentOffset);
    const offset = node.range[0];
    if (isAlias(node)) return this.#follow(node.source, offset);
    if (node.tag !== undefined) {
      throw this.#source.invalid(offset, {
        what: "tags have no place in a recipe",
        actual: quoteName(node.tag),
        advice: "Remove the word that begins with “!”",
      });
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, null);
    const located = this.#content(node, offset);
    if (located.valueCount > maximumYamlValueCount || located.depth > maximumYamlDepth) {
      throw this.#source.invalid(offset, {
        what: "aliases (“*name”) repeat too much",
        expected: `at most ${maximumYamlValueCount} values, ${maximumYamlDepth} levels deep, in all`,
      });
    }
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, located);
    return located;
  }

  #content(node: Scalar.Parsed | YAMLMap.Parsed | YAMLSeq.Parsed, offset: number): Located {
    if (isMap(node)) return this.#map(node, offset);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.locate(item as ParsedNode | null, offset));
      return { kind: "list", items, offset, ...measure(items) };
    }
    const { value } = node;
    const isPlain =
      value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean";
    // What YAML 1.1 makes of a date, say: its text will do, for no recipe has one.
    return scalar(isPlain ? value : (node.source ?? ""), offset);
  }

  #map(node: YAMLMap.Parsed, offset: number): LocatedMap {
    const entries = new Map<string, LocatedEntry>();
    const merged: Located[] = [];
    for (const { key, value } of node.items) {
      const keyOffset = key?.range[0] ?? offset;
      const name = this.#key(key, keyOffset);
      const located = this.locate(value, key?.range[1] ?? keyOffset);
      if (this.#mergesMaps && name === "<<" && isScalar(key) && key.type === "PLAIN") {
        merged.push(located);
        continue;
      }
      if (entries.has(name)) {
        const first = this.#source.positionOf(entries.get(name)?.keyOffset ?? 0);
        throw this.#source.invalid(keyOffset, {
          what: `${quoteName(name)} stands twice, first on line ${first.line}`,
          advice: "Remove one of them",
        });
      }
      entries.set(name, { keyOffset, value: located });
    }
    for (const source of merged) this.#merge(entries, source);
    return { kind: "map", entries, offset, ...measure([...entries.values()].map(({ value }) => value)) };
  }

  /** YAML 1.1's "<<": what the mapping has itself goes first, then the earlier of several sources. */
  #merge(entries: Map<string, LocatedEntry>, source: Located): void {
    for (const from of source.kind === "list" ? source.items : [source]) {
      if (from.kind !== "map") {
        throw this.#source.invalid(from.offset, { what: "“<<” takes a mapping or a list of mappings" });
      }
      for (const [name, entry] of from.entries) if (!entries.has(name)) entries.set(name, entry);
    }
  }

  #key(key: ParsedNode | null, offset: number): string {
    if (key === null || !isScalar(key) || key.tag !== undefined) {
      throw this.#source.invalid(offset, { what: "a key is missing or is not a word", expected: "name: value" });
    }
    if (key.anchor !== undefined) this.#anchors.set(key.anchor, scalar(String(key.value), offset));
    return typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
  }

  #follow(name: string, offset: number): Located {
    const target = this.#anchors.get(name);
    if (target !== undefined && target !== null) return target;
    throw this.#source.invalid(offset, {
      what: target === null ? "an alias stands inside what it names" : "an alias names nothing above it",
      actual: quoteName(`*${name}`),
      ...(target === null ? {} : { advice: "Put text that begins with “*” in quotes" }),
    });
  }
}

function scalar(value: LocatedScalar["value"], offset: number): LocatedScalar {
  return { kind: "scalar", value, offset, valueCount: 1, depth: 1 };
}

function measure(parts: readonly Measured[]): { valueCount: number; depth: number } {
  let valueCount = 1;
  let depth = 0;
  for (const part of parts) {
    valueCount += part.valueCount;
    depth = Math.max(depth, part.depth);
  }
  return { valueCount, depth: depth + 1 };
}
