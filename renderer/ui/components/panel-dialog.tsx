import "./panel-dialog.css";
import { type ReactNode, useEffect, useRef } from "react";
import type { Panel } from "../store/studio-state.ts";
import { useStudio } from "../store/use-studio.tsx";
import { CloseIcon } from "./icons.tsx";

interface PanelDialogProps {
  readonly panel: Panel;
  readonly title: string;
  /** Without a heading of its own: the title is for screen readers. */
  readonly bare?: boolean;
  readonly children: ReactNode;
}

/** Lies over the window until it is closed by Escape, by its button, or by a click beside it; the focus goes back to where it was. */
export function PanelDialog({ panel, title, bare = false, children }: PanelDialogProps) {
  const open = useStudio((state) => state.panel === panel);
  return open ? (
    <OpenDialog title={title} bare={bare}>
      {children}
    </OpenDialog>
  ) : null;
}

function OpenDialog({ title, bare, children }: Omit<Required<PanelDialogProps>, "panel">) {
  const dialog = useRef<HTMLDialogElement>(null);
  const closePanel = useStudio((state) => state.closePanel);
  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes it
    <dialog
      ref={dialog}
      className="panel-dialog"
      aria-label={title}
      onCancel={(event) => {
        event.preventDefault();
        closePanel();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) closePanel();
      }}
    >
      <div className="panel-dialog-body">
        {!bare && (
          <header className="panel-dialog-head">
            <h2>{title}</h2>
            <button type="button" className="icon-button" aria-label="Close" onClick={closePanel}>
              <CloseIcon />
            </button>
          </header>
        )}
        {children}
      </div>
    </dialog>
  );
}
