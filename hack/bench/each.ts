/** Much work, some of it at once. */

/** Requests to the API server that are under way at once. */
export const requestsInFlight = 16;

/** Runs `work` on each item, at most `width` at once. */
export async function each<T>(
  items: readonly T[],
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items.values();
  const lane = async (): Promise<void> => {
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: width }, lane));
}
