import "./base-offers.css";
import { useStudio } from "../store/use-studio.tsx";

const places = {
  cache: "in the Hugging Face cache",
  listed: "in a folder of models",
  beside: "in the same folder",
} as const;

/** Bases that the other models name and that are on this machine. Nothing is opened until one is pressed. */
export function BaseOffers() {
  const offers = useStudio((state) => state.baseOffers);
  const openModel = useStudio((state) => state.openModel);
  if (offers.length === 0) return null;
  return (
    <ul className="base-offers" aria-label="Proposed bases">
      {offers.map(({ id, name, place, because }) => (
        <li key={id}>
          <button type="button" className="button" onClick={() => void openModel("base", { kind: "offer", id, name })}>
            <span className="base-offer-name name">Use {name}</span>
          </button>
          <p className="name">
            {because}; it is {places[place]}.
          </p>
        </li>
      ))}
    </ul>
  );
}
