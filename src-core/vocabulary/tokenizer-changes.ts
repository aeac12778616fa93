import type { PlacedChatToken } from "./plan-chat-tokens.ts";
import type { ChatTemplate, SpecialRole } from "./vocabulary.ts";

/** What of a target's tokenizer files changes in the output. */
export interface TokenizerChanges {
  /** The chat model's tokens in their places. */
  readonly placed: readonly PlacedChatToken[];
  /** Tokens that get a role, eos mostly; null takes the role away. What is not named stays. */
  readonly roles: Readonly<Partial<Record<SpecialRole, string | null>>>;
  /** The templates of the output; null keeps the target's. */
  readonly chatTemplates: readonly ChatTemplate[] | null;
}
