import "./recipe-menu.css";
import { DropdownMenu } from "radix-ui";
import { Fragment, type ReactNode } from "react";
import { splitName } from "../format/names.ts";
import { isEdited } from "../store/decisions.ts";
import { isJobRunning } from "../store/job-phase.ts";
import { useStudio } from "../store/use-studio.tsx";
import { completeVectorsOf } from "../store/vectors.ts";
import { MiddleEllipsis } from "./middle-ellipsis.tsx";

/** What is being merged, as the recipe's file or by its models; and where recipes are opened and saved. */
export function RecipeMenu() {
  const loadRecents = useStudio((state) => state.loadRecents);
  return (
    <DropdownMenu.Root modal={false} onOpenChange={(open) => open && void loadRecents()}>
      <DropdownMenu.Trigger className="recipe-title">
        <span className="visually-hidden">Recipe: </span>
        <Title />
        <span className="segment-arrow" aria-hidden="true" />
      </DropdownMenu.Trigger>
      <DropdownMenu.Content className="menu recipe-menu" align="start" sideOffset={4} collisionPadding={8} loop>
        <Actions />
        <Recents />
      </DropdownMenu.Content>
    </DropdownMenu.Root>
  );
}

function Title() {
  const document = useStudio((state) => state.document);
  const target = useStudio((state) => state.target.model?.name);
  const vectors = useStudio(completeVectorsOf);
  const edited = useStudio(isEdited);
  if (document !== null) {
    return (
      <>
        <span className="name">
          <MiddleEllipsis text={splitName(document.name)} title={document.path} />
        </span>
        {edited && <span className="recipe-edited">edited</span>}
      </>
    );
  }
  if (target === undefined || vectors.length === 0) return <span>New merge</span>;
  return (
    <>
      <span className="name">
        <MiddleEllipsis text={splitName(target)} />
      </span>
      {vectors.map(({ id, chat }) => (
        <Fragment key={id}>
          <span className="recipe-plus">+</span>
          <span className="name">
            <MiddleEllipsis text={splitName(chat.model.name)} />
          </span>
        </Fragment>
      ))}
    </>
  );
}

function Actions() {
  const openRecipe = useStudio((state) => state.openRecipe);
  const saveRecipe = useStudio((state) => state.saveRecipe);
  const exportMergekit = useStudio((state) => state.exportMergekit);
  const locked = useStudio(isJobRunning);
  return (
    <>
      <Item keys="Ctrl O" disabled={locked} onSelect={() => void openRecipe()}>
        Open recipe…
      </Item>
      <Item keys="Ctrl S" onSelect={() => void saveRecipe({ as: false })}>
        Save recipe
      </Item>
      <Item keys="Ctrl ⇧ S" onSelect={() => void saveRecipe({ as: true })}>
        Save recipe as…
      </Item>
      <Item onSelect={() => void exportMergekit()}>Export as mergekit file…</Item>
    </>
  );
}

function Recents() {
  const recents = useStudio((state) => state.recents);
  const openRecentRecipe = useStudio((state) => state.openRecentRecipe);
  const locked = useStudio(isJobRunning);
  if (recents.length === 0) return null;
  return (
    <>
      <DropdownMenu.Separator className="menu-separator" />
      <DropdownMenu.Label className="menu-label">Recent</DropdownMenu.Label>
      {recents.map(({ id, name, folder, missing }) => (
        <DropdownMenu.Item
          key={id}
          className="menu-item recipe-recent"
          disabled={locked || missing}
          onSelect={() => void openRecentRecipe(id)}
        >
          <span className="name">{name}</span>
          <span className="recipe-folder name" title={folder}>
            {missing ? "not there any more" : folder}
          </span>
        </DropdownMenu.Item>
      ))}
    </>
  );
}

interface ItemProps {
  readonly keys?: string;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

function Item({ keys, disabled = false, onSelect, children }: ItemProps) {
  return (
    <DropdownMenu.Item className="menu-item recipe-action" disabled={disabled} onSelect={onSelect}>
      <span>{children}</span>
      {keys !== undefined && (
        <span aria-hidden="true">
          <kbd>{keys}</kbd>
        </span>
      )}
    </DropdownMenu.Item>
  );
}
