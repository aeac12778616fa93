import { DropdownMenu } from "radix-ui";
import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { formatScale } from "../format/format.ts";
import type { EditedVector } from "../store/edited-vector.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { MoreMenu } from "./more-menu.tsx";

/** Among several vectors: name and λ of the one that is edited, and what can be done with it. */
export function VectorHead({ vector, name }: { readonly vector: EditedVector; readonly name: string }) {
  const [renaming, setRenaming] = useState(false);
  return (
    <div className="vector-head">
      {renaming ? (
        <NameField id={vector.id} name={name} onDone={() => setRenaming(false)} />
      ) : (
        <h2 className="name" title={name}>
          {name}
        </h2>
      )}
      <span className="vector-head-scale">λ {formatScale(vector.scale)}</span>
      <VectorMenu id={vector.id} name={name} onRename={() => setRenaming(true)} />
    </div>
  );
}

interface NameFieldProps {
  readonly id: string;
  readonly name: string;
  readonly onDone: () => void;
}

function NameField({ id, name, onDone }: NameFieldProps) {
  const renameVector = useStudio((state) => state.renameVector);
  const [text, setText] = useState(name);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);
  const commit = () => {
    if (text !== name) renameVector(id, text);
    onDone();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") commit();
    else if (event.key === "Escape") onDone();
  };
  return (
    <input
      ref={field}
      className="field"
      type="text"
      aria-label="Name of the vector"
      maxLength={200}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
      onKeyDown={onKeyDown}
      onBlur={commit}
    />
  );
}

interface VectorMenuProps {
  readonly id: string;
  readonly name: string;
  readonly onRename: () => void;
}

function VectorMenu({ id, name, onRename }: VectorMenuProps) {
  const removeVector = useStudio((state) => state.removeVector);
  const moveVector = useStudio((state) => state.moveVector);
  const place = useStudio(({ vectors }) => vectors.findIndex((vector) => vector.id === id));
  const last = useStudio(({ vectors }) => vectors.length - 1);
  const locked = useStudio(isJobRunning);
  return (
    <MoreMenu trigger={{ disabled: locked, "aria-label": `Actions of vector ${name}` }}>
      {(afterwards) => (
        <>
          <DropdownMenu.Item className="menu-item" onSelect={() => afterwards(onRename)}>
            Rename…
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" disabled={place === 0} onSelect={() => moveVector(id, -1)}>
            Move up
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" disabled={place === last} onSelect={() => moveVector(id, 1)}>
            Move down
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-separator" />
          <DropdownMenu.Item className="menu-item" onSelect={() => removeVector(id)}>
            Remove
          </DropdownMenu.Item>
        </>
      )}
    </MoreMenu>
  );
}
