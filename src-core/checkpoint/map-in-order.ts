/**
 * Results of `convert` over `items`, in their order, at most `concurrency` at a time. When some reject, the whole rejects
 * with the error of the first item, by order, that did, so that the same fault always gives the same message.
 */
export async function mapInOrder<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  convert: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const errors = new Map<number, unknown>();
  const queue = items.entries();
  const work = async () => {
    // All workers take from one iterator: whatever comes before a failed item has been taken too.
    for (const [index, item] of queue) {
      if (errors.size > 0) return;
      try {
        results[index] = await convert(item);
      } catch (error) {
        errors.set(index, error);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  if (errors.size > 0) throw errors.get(Math.min(...errors.keys()));
  return results;
}
