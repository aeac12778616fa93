import type { BackendChoice } from "../../src-core/engine/protocol.ts";
import type { EngineProcess } from "../engine/engine-process.ts";
import type { EngineTurns, EngineWork } from "../engine/engine-turns.ts";

/** Has the engine compute on what is wanted, as soon as no export runs: measuring is interrupted and goes on there. */
export class ComputeFollower {
  readonly #turns: Pick<EngineTurns, "ask">;
  readonly #wanted: () => BackendChoice;
  readonly #work: EngineWork;
  #asked: BackendChoice;

  constructor(engine: Pick<EngineProcess, "choose">, turns: Pick<EngineTurns, "ask">, wanted: () => BackendChoice) {
    this.#turns = turns;
    this.#wanted = wanted;
    this.#asked = wanted();
    this.#work = {
      // In turn with exports, which nothing goes before; measuring gives way to it as to them.
      kind: "export",
      owner: { name: "" },
      run: async () => {
        engine.choose(wanted());
        return "over";
      },
      interrupt: () => {},
      onWaiting: () => {},
    };
  }

  /** To be called when the wish may be another. */
  follow(): void {
    const wanted = this.#wanted();
    if (wanted === this.#asked) return;
    this.#asked = wanted;
    this.#turns.ask(this.#work);
  }
}
