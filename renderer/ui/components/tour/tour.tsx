import "./tour.css";
import { type CSSProperties, type KeyboardEvent, useEffect, useId, useRef } from "react";
import { missingRoles, roles } from "../../store/model-slot.ts";
import { useStudio } from "../../store/use-studio.tsx";
import { slotsOf } from "../../store/vectors.ts";
import { placeNote } from "../../tour/place-note.ts";
import { type TourStop, tourStops } from "../../tour/tour-stops.ts";
import { useBox } from "./use-box.ts";

/** The tour: a note beside the control that it is about. The window stays in use meanwhile; nothing waits for it. */
export function Tour() {
  const tour = useStudio((state) => state.tour);
  const hasModels = useStudio((state) => missingRoles(slotsOf(state)).length === 0);
  const stop: TourStop | undefined = tour === null ? undefined : tourStops[tour.stop];
  const text = stop === undefined ? "" : textOf(stop, hasModels);
  return (
    <>
      {/* Always there, so that screen readers say each stop as it comes, wherever the focus is. */}
      <output className="visually-hidden">
        {stop !== undefined && tour !== null && `Tour, ${tour.stop + 1} of ${tourStops.length}. ${stop.title}. ${text}`}
      </output>
      {tour !== null && stop !== undefined && <Note key="note" stop={stop} text={text} />}
    </>
  );
}

function textOf({ text, textWithoutModels = text }: TourStop, hasModels: boolean): string {
  return hasModels ? text : textWithoutModels;
}

function Note({ stop, text }: { readonly stop: TourStop; readonly text: string }) {
  const endTour = useStudio((state) => state.endTour);
  const note = useRef<HTMLElement>(null);
  const anchor = useBox(`[data-tour="${stop.id}"]`);
  const size = useBox(".tour-note");
  const titleId = useId();
  const textId = useId();
  useFocusOfTour(note);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    endTour();
  };
  const isPlaced = anchor !== null && size !== null;
  const room = { width: window.innerWidth, height: window.innerHeight };
  const { x, y } = isPlaced ? placeNote(anchor, size, room, stop.side) : { x: 0, y: 0 };
  return (
    <>
      {anchor !== null && (
        <div
          className="tour-ring"
          aria-hidden="true"
          data-around={stop.side === "above" || stop.side === "below" || undefined}
          style={{ left: anchor.x, top: anchor.y, width: anchor.width, height: anchor.height }}
        />
      )}
      <section
        ref={note}
        className="tour-note"
        role="dialog"
        aria-labelledby={titleId}
        aria-describedby={textId}
        data-stop={stop.id}
        style={{ left: x, top: y, opacity: isPlaced ? 1 : 0 } satisfies CSSProperties}
        onKeyDown={onKeyDown}
      >
        <h2 id={titleId}>{stop.title}</h2>
        <p id={textId}>{text}</p>
        {stop.id === "models" && <Samples />}
        <Ways />
      </section>
    </>
  );
}

/** On and back and out. */
function Ways() {
  const stop = useStudio((state) => state.tour?.stop ?? 0);
  const goToTourStop = useStudio((state) => state.goToTourStop);
  const endTour = useStudio((state) => state.endTour);
  const isLast = stop === tourStops.length - 1;
  return (
    <div className="tour-ways">
      <span className="tour-place">
        {stop + 1} of {tourStops.length}
      </span>
      {!isLast && (
        <button type="button" className="ghost" onClick={endTour}>
          Skip tour
        </button>
      )}
      {stop > 0 && (
        <button type="button" className="button" onClick={() => goToTourStop(stop - 1)}>
          Back
        </button>
      )}
      <button type="button" className="button tour-next" onClick={() => goToTourStop(stop + 1)}>
        {isLast ? "Done" : "Next"}
      </button>
    </div>
  );
}

/** For those who have no models at hand; the tour goes on by itself once they are there. */
function Samples() {
  const isEmpty = useStudio((state) => missingRoles(slotsOf(state)).length === roles.length);
  const opening = useStudio((state) => roles.some((role) => slotsOf(state)[role].opening !== null));
  const openSamples = useStudio((state) => state.openSamples);
  if (!isEmpty) return null;
  return (
    <button type="button" className="button" disabled={opening} onClick={() => void openSamples()}>
      Open sample models
    </button>
  );
}

/** A tour that was asked for takes the focus, one that came by itself leaves it; where it ends, the focus goes back. */
function useFocusOfTour(note: { readonly current: HTMLElement | null }): void {
  const uninvited = useStudio((state) => state.tour?.uninvited ?? true);
  useEffect(() => {
    const before = document.activeElement;
    const element = note.current;
    if (!uninvited) element?.querySelector<HTMLElement>(".tour-next")?.focus();
    return () => {
      const isLost = document.activeElement === document.body || element?.contains(document.activeElement) === true;
      if (isLost && before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [note, uninvited]);
}
