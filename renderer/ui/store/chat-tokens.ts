import type { StudioState } from "./studio-state.ts";

type RecipeRest = StudioState["recipeRest"];

/** The recipe with a token of the chat model chosen, or not; the others keep their order. */
export function withChatToken(rest: RecipeRest, token: string, taken: boolean, replaces?: string): RecipeRest {
  const wish = { token, ...(replaces === undefined ? {} : { replaces }) };
  const chosen = (rest.output?.chatTokens ?? []).map((each) => (typeof each === "string" ? { token: each } : each));
  const others = chosen.filter((each) => each.token !== token);
  if (!taken) return { ...rest, output: { ...rest.output, chatTokens: others } };
  const isKnown = others.length < chosen.length;
  const chatTokens = isKnown ? chosen.map((each) => (each.token === token ? wish : each)) : [...chosen, wish];
  return { ...rest, output: { ...rest.output, chatTokens } };
}

/** Tokens were chosen of another chat model, or for another target. */
export function withoutChatTokens(rest: RecipeRest): RecipeRest {
  if (rest.output?.chatTokens === undefined) return rest;
  const { chatTokens: _, ...output } = rest.output;
  return { ...rest, output };
}
