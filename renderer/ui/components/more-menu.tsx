import { DropdownMenu } from "radix-ui";
import { type ComponentProps, type ReactNode, useRef } from "react";
import { MoreIcon } from "./icons.tsx";

interface MoreMenuProps {
  /** For the button's own attributes. */
  readonly trigger: Omit<ComponentProps<typeof DropdownMenu.Trigger>, "className" | "children">;
  /**
   * The items. What is given to `afterwards` happens when the menu is gone, and takes the focus, which else goes back to the
   * button.
   */
  readonly children: (afterwards: (act: () => void) => void) => ReactNode;
}

/**
 * What can be done with a card, behind three dots. Not modal: a modal menu would lock scrolling through an injected style
 * element, which the page's policy forbids.
 */
export function MoreMenu({ trigger, children }: MoreMenuProps) {
  const next = useRef<(() => void) | null>(null);
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger {...trigger} className="icon-button">
        <MoreIcon />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content
        className="menu"
        align="end"
        sideOffset={4}
        collisionPadding={8}
        loop
        onCloseAutoFocus={(event) => {
          const act = next.current;
          if (act === null) return;
          next.current = null;
          event.preventDefault();
          act();
        }}
      >
        {children((act) => {
          next.current = act;
        })}
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}
