/** Keeps the last answer for the same arguments (by identity): what is derived from the state is derived once. */
export function memoLast<Arguments extends readonly unknown[], Answer>(
  derive: (...given: Arguments) => Answer,
): (...given: Arguments) => Answer {
  let last: { readonly given: Arguments; readonly answer: Answer } | null = null;
  return (...given) => {
    if (last?.given.length === given.length && last.given.every((value, index) => Object.is(value, given[index])))
      return last.answer;
    const answer = derive(...given);
    last = { given, answer };
    return answer;
  };
}
