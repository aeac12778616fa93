import { randomUUID } from "node:crypto";
import { shownLines } from "../../src-core/checkpoint/quote.ts";
import { StudioError } from "../../src-core/errors.ts";
import { hasVocabularyRows } from "../../src-core/plan/tensor-names.ts";
import { readableToken } from "../../src-core/vocabulary/token-keys.ts";
import type { Vocabulary } from "../../src-core/vocabulary/vocabulary.ts";
import type { InspectRequest, TensorDetail } from "../api/measuring.ts";
import { interrupted } from "../engine/interruption.ts";
import { Measurement, type MeasurementServices } from "./measurement.ts";

/** Norms by row that are sent to the window: more than it has pixels for. */
const maximumRowNorms = 4096;
const topRowCount = 12;

/** Looks at single tensors for the window, one at a time: another request ends the one before. */
export class TensorInspector {
  readonly #services: MeasurementServices;
  #abort = new AbortController();

  constructor(services: MeasurementServices) {
    this.#services = services;
  }

  /** Rejects with a StudioError; `interrupted` when another tensor was asked for meanwhile. */
  async inspect({ tensor, vector, ...request }: InspectRequest): Promise<TensorDetail> {
    this.#abort.abort(interrupted());
    const abort = new AbortController();
    this.#abort = abort;
    const { catalog, engine } = this.#services;
    const { plan } = new Measurement(request, this.#services);
    const measured = plan.tensors.find(({ name }) => name === tensor);
    if (measured === undefined) {
      throw new StudioError({ code: "checkpoint-not-found", what: "This tensor is not measured", where: tensor });
    }
    const command = { job: randomUUID(), tensor: measured, vector, sources: catalog.sourceFiles(plan) };
    const { rowNorms, values } = await engine.inspect(command, abort.signal);
    const named = request.target ?? request.vectors[vector]?.base;
    const vocabulary = hasVocabularyRows(tensor) && named !== undefined ? catalog.get(named).tokens.vocabulary : null;
    return { tensor, ...foldRows(rowNorms), rowCount: rowNorms.length, topRows: topRows(rowNorms, vocabulary), values };
  }
}

function foldRows(rowNorms: Float64Array): Pick<TensorDetail, "rowNorms" | "rowsPerNorm"> {
  const rowsPerNorm = Math.max(1, Math.ceil(rowNorms.length / maximumRowNorms));
  const squares = new Float64Array(Math.ceil(rowNorms.length / rowsPerNorm));
  rowNorms.forEach((norm, row) => {
    const at = Math.floor(row / rowsPerNorm);
    squares[at] = (squares[at] ?? 0) + norm * norm;
  });
  return { rowNorms: [...squares.map(Math.sqrt)], rowsPerNorm };
}

/** A token may be anything; line ends and tabs get marks in the window. */
function shownToken(vocabulary: Vocabulary, row: number): string | null {
  const token = readableToken(vocabulary, row);
  return token === null ? null : shownLines(token.slice(0, 200));
}

function topRows(rowNorms: Float64Array, vocabulary: Vocabulary | null): TensorDetail["topRows"] {
  const rows = Array.from(rowNorms.keys()).sort((a, b) => (rowNorms[b] ?? 0) - (rowNorms[a] ?? 0));
  return rows
    .slice(0, topRowCount)
    .map((row) => ({ row, norm: rowNorms[row] ?? 0, token: vocabulary && shownToken(vocabulary, row) }));
}
