import type { PickleCursor } from "./pickle-cursor.ts";
import { runInstruction } from "./pickle-handlers.ts";
import { type PersistentLoad, PickleMachine, type PickleUse } from "./pickle-machine.ts";
import { opcodeBytes } from "./pickle-opcodes.ts";
import type { PickleValue } from "./pickle-values.ts";

/**
 * Reads one pickle, and leaves the cursor behind its end. Only instructions that make plain data are carried out, and only the
 * functions of `known-globals.ts` have a meaning, which is to describe a tensor; nothing is ever executed. `persistentLoad`
 * says what a reference out of the pickle stands for; null where it may hold none. `use` is shared by the pickles of one file. Rejects with a StudioError that names the
 * file, the byte, and what was refused.
 */
export async function readPickle(
  cursor: PickleCursor,
  persistentLoad: PersistentLoad | null,
  use: PickleUse = { instructionCount: 0, valueBytes: 0 },
): Promise<PickleValue> {
  const machine = new PickleMachine(cursor, persistentLoad, use);
  // Some thousand instructions at a time: awaiting between each two would cost more than all the rest.
  do await cursor.prepare();
  while (!runInstructions(machine));
  return machine.finish();
}

/** Carries out instructions until STOP, which is true, or until the cursor must bring in more bytes, which is false. */
function runInstructions(machine: PickleMachine): boolean {
  const { cursor } = machine;
  do {
    machine.countInstruction();
    const opcode = cursor.readOpcode();
    if (opcode === opcodeBytes.STOP) return true;
    runInstruction(machine, opcode);
  } while (!cursor.isLow);
  return false;
}
