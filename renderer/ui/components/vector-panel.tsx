import "./vector-panel.css";
import { formatScale } from "../format/format.ts";
import type { EditedVector } from "../store/edited-vector.ts";
import { useStudio } from "../store/use-studio.tsx";
import { vectorNameOf } from "../store/vectors.ts";
import { CloseIcon } from "./icons.tsx";
import { ModelCard } from "./model-card.tsx";
import { VectorHead } from "./vector-head.tsx";
import { Word } from "./words/word.tsx";

/** One chat vector: its models where it is the one that is edited, else a line that selects it. */
export function VectorPanel({ id }: { readonly id: string }) {
  const vector = useStudio(({ vectors }) => vectors.find((each) => each.id === id));
  const alone = useStudio(({ vectors }) => vectors.length === 1);
  const selected = useStudio((state) => state.selectedVector === id);
  const name = useStudio((state) => vectorNameOf(state, id));
  const sharesBase = useStudio(({ vectors: [first] }) => first?.id !== id && first?.base.model === vector?.base.model);
  if (vector === undefined) return null;
  if (!selected) return <OtherVector vector={vector} name={name} />;
  return (
    <section className="vector-panel" aria-label={alone ? "Chat vector" : `Chat vector ${name}`}>
      {alone ? (
        <h2>
          <Word of="chat-vector">Chat vector</Word>, λ {formatScale(vector.scale)}
        </h2>
      ) : (
        <VectorHead vector={vector} name={name} />
      )}
      {vector.outside !== null && <Outside outside={vector.outside} />}
      <ModelCard modelRole="chat" label="chat" />
      <ModelCard modelRole="base" label={sharesBase ? "base, shared" : "base"} brief={sharesBase} />
    </section>
  );
}

/** What a recipe says of λ outside the layers; no curve or slider reaches it. */
function Outside({ outside }: { readonly outside: number }) {
  const resetOutside = useStudio((state) => state.resetOutside);
  return (
    <p className="vector-outside">
      λ {formatScale(outside)} outside the layers
      <button
        type="button"
        className="icon-button"
        aria-label="Use the plain λ outside the layers"
        title="Use the plain λ outside the layers"
        onClick={resetOutside}
      >
        <CloseIcon />
      </button>
    </p>
  );
}

function OtherVector({ vector, name }: { readonly vector: EditedVector; readonly name: string }) {
  const selectVector = useStudio((state) => state.selectVector);
  const { id, scale, chat, base } = vector;
  const missing = [chat.model === null && "chat", base.model === null && "base"].filter(Boolean).join(" and ");
  return (
    <button
      type="button"
      className="other-vector"
      data-missing={missing !== "" || undefined}
      onClick={() => selectVector(id)}
    >
      <span className="other-vector-name name">
        <span className="visually-hidden">Edit vector </span>
        {name}
      </span>
      <span> λ {formatScale(scale)} </span>
      <span className="other-vector-models name">
        {missing === "" ? `${chat.model?.name} − ${base.model?.name}` : `its ${missing} is missing`}
      </span>
    </button>
  );
}
