import "./figure-menu.css";
import { DropdownMenu } from "radix-ui";
import { useEffect, useState } from "react";
import { useStudio } from "../store/use-studio.tsx";

const types = [
  { type: "svg", label: "SVG", hint: "for papers" },
  { type: "png", label: "PNG", hint: "twice the size" },
  { type: "csv", label: "CSV", hint: "every tensor, every metric" },
] as const;

/** How long the button says that it has done its work. */
const savedForMs = 2500;

/** Saves what is shown, with a caption. */
export function FigureMenu() {
  const saveFigure = useStudio((state) => state.saveFigure);
  const saving = useStudio((state) => state.savingFigure);
  const empty = useStudio(({ statistics }) => !statistics.some((ofTensor) => ofTensor !== null));
  const [saved, setSaved] = useState(false);
  useEffect(() => {
    if (!saved) return;
    const timer = setTimeout(() => setSaved(false), savedForMs);
    return () => clearTimeout(timer);
  }, [saved]);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="ghost" disabled={empty || saving}>
        <span className="figure-menu-label" aria-live="polite">
          {saving ? "Saving…" : saved ? "Saved" : "Save figure"}
        </span>
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8} loop>
        {types.map(({ type, label, hint }) => (
          <DropdownMenu.Item
            key={type}
            className="menu-item menu-choice"
            onSelect={async () => setSaved(await saveFigure(type))}
          >
            <span>{label}</span>
            <span className="menu-hint">{hint}</span>
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
