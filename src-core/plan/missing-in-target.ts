import type { TensorIndex } from "./alignment.ts";
import { modalityPart } from "./modality.ts";
import type { Problem } from "./problem.ts";
import type { Treatment, TreatmentContext } from "./treatment.ts";

/** Tensors that chat and base share and the target lacks: their change has nowhere to go. A tied head is none. */
export function missingInTarget({ target, vectors }: TreatmentContext, treatments: readonly Treatment[]): Problem[] {
  const missing = new Set<string>();
  let tiedHead = false;
  vectors.forEach(({ chat, base }, vector) => {
    const used = new Set<string>();
    for (const { contributions } of treatments) {
      for (const part of contributions) if (part.vector === vector) used.add(part.chat.name);
    }
    for (const name of new Set([...chat.names(), ...base.names()])) {
      // Nothing is missing, unless chat or base have a head of their own.
      if (isTied(target, name)) {
        tiedHead ||= !isTied(chat, name) || !isTied(base, name);
        continue;
      }
      if (chat.find(name) === null || base.find(name) === null || target.find(name) !== null || used.has(name))
        continue;
      // Said already, of the target's tensors that they correspond to.
      if (target.alike(name).length > 1 || target.otherLayout(name) !== null) continue;
      missing.add(name);
    }
  });
  const problems: Problem[] = [];
  if (tiedHead) {
    const message = "The target's output head is its embedding (tied); the chat vector's separate head is not added";
    problems.push({ code: "tied-head", severity: "notice", message });
  }
  const names = [...missing];
  const others = names.filter((name) => modalityPart(name) !== null);
  const tensors = names.filter((name) => modalityPart(name) === null);
  if (others.length > 0) {
    const parts = [...new Set(others.map(modalityPart))].join(", ");
    const count = others.length === 1 ? "1 tensor" : `${others.length} tensors`;
    const message = `Vision and audio are left out: the target lacks ${count} of chat and base (${parts})`;
    problems.push({ code: "modality-left-out", severity: "notice", message, tensors: others });
  }
  if (tensors.length > 0) {
    const message = `${counted(tensors)} in chat and base but not in the target; nothing is added for ${tensors.length === 1 ? "it" : "them"}`;
    problems.push({ code: "tensor-missing-in-target", severity: "notice", message, tensors });
  }
  return problems;
}

/** The name is a head's, and the model has its embedding in its place. */
function isTied(model: TensorIndex, name: string): boolean {
  return model.tiedName(name) !== name;
}

function counted(tensors: readonly string[]): string {
  return tensors.length === 1 ? `${tensors[0]} is` : `${tensors.length} tensors are`;
}
