import { formatCount, formatCounted } from "../format/format.ts";
import type { ListedPlace } from "../store/studio-state.ts";
import { useStudio } from "../store/use-studio.tsx";
import { FailureNote } from "./failure-note.tsx";
import { placeTitle } from "./model-list.ts";

interface PlacesStateProps {
  readonly query: string;
  /** Models that are listed of the places. */
  readonly shownCount: number;
  /** Nothing is listed at all. */
  readonly isEmpty: boolean;
  readonly onFolders: () => void;
}

/** What the list of models cannot say: that it is being read, that there is nothing, that there is more. */
export function PlacesState({ query, shownCount, isEmpty, onFolders }: PlacesStateProps) {
  const places = useStudio((state) => state.modelPlaces);
  const failure = useStudio((state) => state.modelPlacesFailure ?? failureAt(state.modelPlaces));
  const load = useStudio((state) => state.loadModelPlaces);
  return (
    <div className="model-picker-state">
      {failure !== null && (
        <FailureNote failure={failure}>
          <button type="button" className="button" onClick={() => void load()}>
            Try again
          </button>
        </FailureNote>
      )}
      <div className="model-picker-state-line">
        <p className="name" role="status">
          {failure !== null && isEmpty ? "" : stateText(places, { query, shownCount, isEmpty })}
        </p>
        <button type="button" className="ghost" onClick={onFolders}>
          Folders…
        </button>
      </div>
    </div>
  );
}

function failureAt(places: readonly ListedPlace[] | null) {
  return places?.find((place) => place.failure !== null)?.failure ?? null;
}

function stateText(
  places: readonly ListedPlace[] | null,
  { query, shownCount, isEmpty }: Omit<PlacesStateProps, "onFolders">,
): string {
  const reading = places?.find(({ listing, failure }) => listing === null && failure === null);
  if (places === null) return "Looking for models";
  if (reading !== undefined)
    return `Looking through ${reading.kind === "folder" ? reading.folder : placeTitle(reading)}`;
  if (query.trim() !== "" && isEmpty) return `Nothing here is called “${query.trim()}”.`;
  const count = places.reduce((sum, { listing }) => sum + (listing?.models.length ?? 0), 0);
  const [hub] = places;
  if (count === 0 && hub !== undefined) {
    if (places.length > 1) return `None of ${places.length} folders holds a model.`;
    return hub.listing?.exists === true
      ? `The Hugging Face cache at ${hub.folder} holds no models.`
      : `There is no Hugging Face cache at ${hub.folder}. Set HF_HOME or HF_HUB_CACHE where it lies elsewhere.`;
  }
  const all = formatCounted(count, "model");
  const shown = shownCount === count ? all : `${formatCount(shownCount)} of ${all}`;
  const where = places.length === 1 ? hub?.folder : `${places.length} folders`;
  const more = places.some(({ listing }) => listing?.truncated === true);
  return `${shown} in ${where}${more ? "; there are more that are not listed" : ""}`;
}
