import { useEffect } from "react";
import type { ShownSettings } from "../../../../electron/api/settings.ts";
import { formatCounted } from "../../format/format.ts";
import { splitPath } from "../../format/names.ts";
import type { ListedPlace } from "../../store/studio-state.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { CloseIcon } from "../icons.tsx";
import { MiddleEllipsis } from "../middle-ellipsis.tsx";
import { SettingsGroup } from "./settings-group.tsx";

/** Where models are looked for: the Hugging Face cache and LM Studio's by themselves, further folders as told. */
export function ModelFolders({ settings: { modelFolders } }: { readonly settings: ShownSettings }) {
  const places = useStudio((state) => state.modelPlaces);
  const load = useStudio((state) => state.loadModelPlaces);
  const add = useStudio((state) => state.addModelFolder);
  useEffect(() => void load(), [load]);
  return (
    <SettingsGroup title="Models" note="These folders are listed where a model is chosen, and searched for bases.">
      <ul className="model-folders">
        {(places ?? []).map((place) => (
          <Place
            key={place.id}
            place={place}
            removeId={
              place.kind === "folder" ? (modelFolders.find(({ path }) => path === place.folder)?.id ?? null) : null
            }
          />
        ))}
      </ul>
      <button type="button" className="button" onClick={() => void add()}>
        Add folder…
      </button>
    </SettingsGroup>
  );
}

function Place({ place, removeId }: { readonly place: ListedPlace; readonly removeId: string | null }) {
  const remove = useStudio((state) => state.removeModelFolder);
  return (
    <li className="model-folder">
      <span className="model-folder-path name">
        <MiddleEllipsis text={splitPath(place.folder)} />
      </span>
      <span className="model-folder-kind">{kindText(place)}</span>
      <span className="model-folder-count" data-failed={place.failure !== null || undefined}>
        {countText(place)}
      </span>
      {removeId === null ? (
        <span className="model-folder-fixed" />
      ) : (
        <button
          type="button"
          className="icon-button"
          aria-label={`Stop looking in ${place.folder}`}
          onClick={() => void remove(removeId)}
        >
          <CloseIcon />
        </button>
      )}
    </li>
  );
}

function kindText({ kind, saidBy }: ListedPlace): string {
  if (kind === "folder") return "";
  if (kind === "lm-studio") return "LM Studio";
  return saidBy === null ? "Hugging Face cache" : `Hugging Face cache, by ${saidBy}`;
}

function countText({ listing, failure }: ListedPlace): string {
  if (failure !== null) return "cannot be read";
  if (listing === null) return "";
  return listing.exists ? formatCounted(listing.models.length, "model") : "not there";
}
