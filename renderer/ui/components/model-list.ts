import type { CachedModel, ModelPlace, RecentModel } from "../../../electron/api/models.ts";
import { formatBytes } from "../format/format.ts";
import type { ListedPlace } from "../store/studio-state.ts";

/** A line of the list of recent and cached models. */
export interface ListedModel {
  readonly id: string;
  readonly name: string;
  /** At the right, or below: size and date, or where it lies. */
  readonly detail: string;
  /** Why it cannot be chosen; null where it can. */
  readonly problem: string | null;
}

export interface ModelGroup {
  readonly id: string;
  readonly title: string;
  readonly lines: readonly ListedModel[];
}

/** What fits the words that were typed: every one of them, anywhere in the name or the detail; case does not count. */
export function modelGroups(
  recents: readonly RecentModel[],
  places: readonly ListedPlace[],
  query: string,
  now: number,
): readonly ModelGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ name, detail }: ListedModel) => {
    const text = `${name} ${detail}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  const groups = [
    { id: "recent", title: "Recent", lines: recents.map(recentLine) },
    ...places.map((place) => ({
      id: place.id,
      title: placeTitle(place),
      lines: (place.listing?.models ?? []).map((model) => cachedLine(model, now)),
    })),
  ];
  return groups.map(({ lines, ...group }) => ({ ...group, lines: lines.filter(fits) }));
}

/** What a place of models goes by. */
export function placeTitle({ kind, folder }: Pick<ModelPlace, "kind" | "folder">): string {
  if (kind === "hugging-face") return "Hugging Face cache";
  return kind === "lm-studio" ? "LM Studio" : folder;
}

function recentLine({ id, name, folder, missing }: RecentModel): ListedModel {
  return { id, name, detail: folder, problem: missing ? "not there any more" : null };
}

function cachedLine({ id, name, bytes, modifiedMs, revision, problem }: CachedModel, now: number): ListedModel {
  const branch = revision === null || revision === "main" ? [] : [revision];
  const size = bytes > 0 ? [formatBytes(bytes)] : [];
  const detail = [...branch, ...size, ...(modifiedMs > 0 ? [formatDay(modifiedMs, now)] : [])].join(" · ");
  return { id, name, detail, problem };
}

/** "today", "yesterday", "12 Mar", "12 Mar 2024". */
export function formatDay(milliseconds: number, now: number): string {
  const [day, today] = [new Date(milliseconds), new Date(now)];
  const midnight = new Date(today.getFullYear(), today.getMonth(), today.getDate()).getTime();
  if (milliseconds >= midnight && milliseconds <= now) return "today";
  if (milliseconds < midnight && milliseconds >= midnight - 86_400_000) return "yesterday";
  const year = day.getFullYear() === today.getFullYear() ? {} : ({ year: "numeric" } as const);
  return day.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...year });
}
