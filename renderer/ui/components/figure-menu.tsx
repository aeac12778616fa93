import { DropdownMenu } from "radix-ui";
import { useStudio } from "../store/use-studio.tsx";

const types = [
  { type: "svg", label: "SVG", hint: "for papers" },
  { type: "png", label: "PNG", hint: "twice the size" },
  { type: "csv", label: "CSV", hint: "every tensor, every metric" },
] as const;

/** Saves what is shown, with a caption. */
export function FigureMenu() {
  const saveFigure = useStudio((state) => state.saveFigure);
  const saving = useStudio((state) => state.savingFigure);
  const empty = useStudio(({ statistics }) => !statistics.some((ofTensor) => ofTensor !== null));
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="ghost" disabled={empty || saving}>
        {saving ? "Saving…" : "Save figure"}
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className="menu" align="start" sideOffset={4} collisionPadding={8} loop>
        {types.map(({ type, label, hint }) => (
          <DropdownMenu.Item key={type} className="menu-item menu-choice" onSelect={() => void saveFigure(type)}>
            <span>{label}</span>
            <span className="menu-hint">{hint}</span>
          </DropdownMenu.Item>
        ))}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
