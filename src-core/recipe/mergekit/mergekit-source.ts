import { type Failure, StudioError } from "../../errors.ts";
import type { Located } from "../yaml/locate.ts";
import type { Complaint, YamlSource } from "../yaml/yaml-source.ts";
import type { Gradient } from "./gradient.ts";
import type { Setting } from "./setting.ts";

/** Something about an import that a person should know: what has no effect, or is not quite the same. */
export interface ImportNote {
  /** "merge.yaml:4:3". */
  readonly where: string;
  readonly message: string;
}

/** The file being imported, and what there is to say about it. */
export class MergekitSource {
  /** Settings of the file and its slices are asked for by every model: each is read once. */
  readonly settings = new Map<Located, Setting<Gradient>>();
  /** By place and message: settings that several models share are read for each of them. */
  readonly #notes = new Map<string, ImportNote & { readonly offset: number }>();
  readonly #yaml: YamlSource;

  constructor(yaml: YamlSource) {
    this.#yaml = yaml;
  }

  /** mergekit itself would not take it. */
  invalid(at: Located | number, complaint: Complaint): StudioError {
    return this.#yaml.invalid(offsetOf(at), complaint);
  }

  /** It means something to mergekit that a recipe cannot say. */
  inexpressible(at: Located | number, complaint: Complaint): StudioError {
    const failure: Failure = { code: "recipe-inexpressible", where: this.#yaml.placeOf(offsetOf(at)), ...complaint };
    return new StudioError(failure);
  }

  note(at: Located | number, message: string): void {
    const offset = offsetOf(at);
    const where = this.#yaml.placeOf(offset);
    this.#notes.set(`${where} ${message}`, { where, message, offset });
  }

  /** In the order of the file. */
  notes(): readonly ImportNote[] {
    const sorted = [...this.#notes.values()].sort((a, b) => a.offset - b.offset);
    return sorted.map(({ where, message }) => ({ where, message }));
  }
}

function offsetOf(at: Located | number): number {
  return typeof at === "number" ? at : at.offset;
}
