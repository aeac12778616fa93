import "./model-card-menu.css";
import { DropdownMenu } from "radix-ui";
import type { CheckpointSummary } from "../../../electron/api/models.ts";
import { splitPath } from "../format/names.ts";
import { type Role, roleNames, roles } from "../store/model-slot.ts";
import { useStudio } from "../store/use-studio.tsx";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";
import { MoreMenu } from "./more-menu.tsx";

interface ModelCardMenuProps {
  readonly role: Role;
  readonly model: CheckpointSummary;
  /** An export reads the models: they stay as they are. */
  readonly locked: boolean;
  /** Opens the list of recent and cached models. */
  readonly onPick: () => void;
}

/** How the keys say it (see model-card.tsx), for cards that stand beside each other. */
function swapKeys(role: Role, other: Role): string {
  const steps = roles.indexOf(other) - roles.indexOf(role);
  return steps === 1 ? "Alt+↓" : steps === -1 ? "Alt+↑" : "";
}

/** Where the list of recent and cached models was opened, and the focus goes back to. */
const pickerOpener = { "data-picker-opener": "" };

export function ModelCardMenu({ role, model, locked, onPick }: ModelCardMenuProps) {
  const openModel = useStudio((state) => state.openModel);
  const swapModels = useStudio((state) => state.swapModels);
  const clearModel = useStudio((state) => state.clearModel);
  return (
    <MoreMenu
      trigger={{
        disabled: locked,
        "aria-label": `${roleNames[role]} model actions`,
        "aria-keyshortcuts": "Alt+ArrowUp Alt+ArrowDown",
        ...pickerOpener,
      }}
    >
      {(afterwards) => (
        <>
          <DropdownMenu.Label className="menu-label name">
            <MiddleEllipsis text={splitPath(model.path)} />
          </DropdownMenu.Label>
          <DropdownMenu.Item className="menu-item" onSelect={() => void openModel(role, { kind: "folder" })}>
            Replace with folder…
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={() => void openModel(role, { kind: "file" })}>
            Replace with file…
          </DropdownMenu.Item>
          <DropdownMenu.Item className="menu-item" onSelect={() => afterwards(onPick)}>
            Replace with recent or cached…
          </DropdownMenu.Item>
          <DropdownMenu.Separator className="menu-separator" />
          {roles
            .filter((other) => other !== role)
            .map((other) => (
              <DropdownMenu.Item key={other} className="menu-item menu-choice" onSelect={() => swapModels(role, other)}>
                <span>Swap with {other}</span>
                <span className="menu-hint" aria-hidden="true">
                  {swapKeys(role, other)}
                </span>
              </DropdownMenu.Item>
            ))}
          <DropdownMenu.Separator className="menu-separator" />
          <DropdownMenu.Item className="menu-item" onSelect={() => clearModel(role)}>
            Clear
          </DropdownMenu.Item>
        </>
      )}
    </MoreMenu>
  );
}
