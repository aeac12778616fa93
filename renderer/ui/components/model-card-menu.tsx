import "./model-card-menu.css";
import { DropdownMenu } from "radix-ui";
import type { CheckpointSummary } from "../../../electron/api.ts";
import { splitPath } from "../format/names.ts";
import { type Role, roleNames, roles } from "../store/model-slot.ts";
import { useStudio } from "../store/use-studio.tsx";
import { MoreIcon } from "./icons.tsx";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";

interface ModelCardMenuProps {
  readonly role: Role;
  readonly model: CheckpointSummary;
  /** An export reads the models: they stay as they are. */
  readonly locked: boolean;
}

/** Not modal: a modal menu would lock scrolling through an injected style element, which the page's policy forbids. */
export function ModelCardMenu({ role, model, locked }: ModelCardMenuProps) {
  const openModel = useStudio((state) => state.openModel);
  const swapModels = useStudio((state) => state.swapModels);
  const clearModel = useStudio((state) => state.clearModel);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger className="icon-button" disabled={locked} aria-label={`${roleNames[role]} model actions`}>
        <MoreIcon />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className="menu" align="end" sideOffset={4} collisionPadding={8} loop>
        <DropdownMenu.Label className="menu-label name">
          <MiddleEllipsis text={splitPath(model.path)} />
        </DropdownMenu.Label>
        <DropdownMenu.Item className="menu-item" onSelect={() => void openModel(role, { kind: "folder" })}>
          Replace with folder…
        </DropdownMenu.Item>
        <DropdownMenu.Item className="menu-item" onSelect={() => void openModel(role, { kind: "file" })}>
          Replace with file…
        </DropdownMenu.Item>
        <DropdownMenu.Separator className="menu-separator" />
        {roles
          .filter((other) => other !== role)
          .map((other) => (
            <DropdownMenu.Item key={other} className="menu-item" onSelect={() => swapModels(role, other)}>
              Swap with {other}
            </DropdownMenu.Item>
          ))}
        <DropdownMenu.Separator className="menu-separator" />
        <DropdownMenu.Item className="menu-item" onSelect={() => clearModel(role)}>
          Clear
        </DropdownMenu.Item>
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
