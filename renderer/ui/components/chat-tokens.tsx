import "./chat-tokens.css";
import { useId } from "react";
import type { OfferedChatToken } from "../../../src-core/plan/chat-token-outlook.ts";
import { formatCount, formatCounted } from "../format/format.ts";
import { isJobRunning } from "../store/job-phase.ts";
import type { StudioState } from "../store/studio-state.ts";
import { useStudio } from "../store/use-studio.tsx";

type ChatTokenWishes = NonNullable<StudioState["recipeRest"]["output"]>["chatTokens"];

const none = { offers: [], unused: [] } as const;
const roleNames = { bos: "begins a text", eos: "ends a text", pad: "padding", unk: "unknown text" } as const;

/** Tokens of the chat model that the target can be given: none is taken unasked. */
export function ChatTokens() {
  const { offers: planned, unused } = useStudio((state) => state.plan?.chatTokens ?? none);
  const wishes = useStudio((state) => state.recipeRest.output?.chatTokens);
  // What is chosen shows at once; the plan follows with what it comes to.
  const offers = planned.map((offered) => ({ ...offered, ...wishOf(offered.token, wishes) }));
  const isWanted = useStudio(
    (state) => state.plan?.problems.some(({ code }) => code === "template-tokens-missing") ?? false,
  );
  const takenCount = offers.filter(({ isTaken }) => isTaken).length;
  if (offers.length === 0) return null;
  const missing = offers.filter(({ isInTarget }) => !isInTarget);
  const present = offers.filter(({ isInTarget }) => isInTarget);
  return (
    <details className="chat-tokens" open={isWanted || takenCount > 0}>
      <summary>
        <h2>
          Chat tokens, {formatCount(takenCount)} of {formatCount(offers.length)} taken
        </h2>
      </summary>
      <p className="chat-tokens-lead">
        A token that is taken has the chat model’s row in embedding and head, as it is. Nothing else is added there.
      </p>
      <TokenList tokens={missing} unused={unused} />
      {present.length > 0 && (
        <details className="chat-tokens-present" open={missing.length === 0 || present.some(({ isTaken }) => isTaken)}>
          <summary>{formatCounted(present.length, "token")} that the target has too</summary>
          <TokenList tokens={present} unused={none.unused} />
        </details>
      )}
    </details>
  );
}

function wishOf(token: string, wishes: ChatTokenWishes): Pick<OfferedChatToken, "isTaken" | "replaces"> {
  const wish = wishes?.find((each) => (typeof each === "string" ? each : each.token) === token);
  return { isTaken: wish !== undefined, replaces: (typeof wish === "object" ? wish.replaces : null) ?? null };
}

interface TokenListProps {
  readonly tokens: readonly OfferedChatToken[];
  readonly unused: readonly string[];
}

function TokenList({ tokens, unused }: TokenListProps) {
  const elsewhere = new Set(tokens.flatMap(({ replaces }) => replaces ?? []));
  return (
    <ul className="chat-token-list">
      {tokens.map((offered) => (
        <TokenRow
          key={offered.token}
          offered={offered}
          unused={unused.filter((token) => token === offered.replaces || !elsewhere.has(token))}
        />
      ))}
    </ul>
  );
}

function TokenRow({ offered, unused }: { readonly offered: OfferedChatToken; readonly unused: readonly string[] }) {
  const { token, roles, inTemplate, isTaken, place } = offered;
  const take = useStudio((state) => state.takeChatToken);
  const locked = useStudio(isJobRunning);
  const detailsId = useId();
  const uses = [...roles.map((role) => roleNames[role]), ...(inTemplate ? ["in the template"] : [])];
  return (
    <li className="chat-token">
      <label>
        <input
          type="checkbox"
          checked={isTaken}
          disabled={locked || (place === null && !isTaken)}
          aria-describedby={detailsId}
          onChange={(event) => take(token, event.target.checked)}
        />
        <span className="mono chat-token-name">{token}</span>
      </label>
      <p id={detailsId} className="chat-token-details">
        {[...uses, place === null ? "no row can follow the target’s tokens" : placeText(place, isTaken)].join(" · ")}
      </p>
      {isTaken && unused.length > 0 && <Place offered={offered} unused={unused} />}
    </li>
  );
}

/** Where a taken token goes: behind the target's last one, or where the target keeps one free. */
function Place({ offered, unused }: { readonly offered: OfferedChatToken; readonly unused: readonly string[] }) {
  const take = useStudio((state) => state.takeChatToken);
  const locked = useStudio(isJobRunning);
  const { token, replaces } = offered;
  return (
    <select
      className="field chat-token-place"
      aria-label={`Place of ${token}`}
      disabled={locked}
      value={replaces ?? ""}
      onChange={({ target: { value } }) => take(token, true, value === "" ? undefined : value)}
    >
      <option value="">Behind the last token</option>
      {unused.map((each) => (
        <option key={each} value={each}>
          In place of {each}
        </option>
      ))}
    </select>
  );
}

function placeText(place: string, isTaken: boolean): string {
  return isTaken ? place : `would ${place.replace(/^adds/, "add").replace(/^takes/, "take")}`;
}
