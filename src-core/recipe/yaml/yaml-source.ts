import { LineCounter } from "yaml";
import { type Failure, StudioError } from "../../errors.ts";

/** Both count from 1; a column counts UTF-16 code units, as editors do. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** What is wrong at one place of a file; the code and the place are added. */
export type Complaint = Omit<Failure, "code" | "where">;

/** The file that a text came from, for saying where something stands in it. */
export class YamlSource {
  /** The file's name or path, for messages. */
  readonly name: string;
  readonly lines = new LineCounter();

  constructor(name: string) {
    this.name = name;
    this.lines.addNewLine(0);
  }

  positionOf(offset: number): SourcePosition {
    const { line, col } = this.lines.linePos(offset);
    return { line, column: col };
  }

  /** "merge.yaml:4:3". */
  placeOf(offset: number): string {
    const { line, column } = this.positionOf(offset);
    return `${this.name}:${line}:${column}`;
  }

  /** The error `recipe-invalid` at an offset of the text. */
  invalid(offset: number, complaint: Complaint): StudioError {
    return new StudioError({ code: "recipe-invalid", where: this.placeOf(offset), ...complaint });
  }
}
