/** Runs `work` over all items, at most `width` at a time; the first failure aborts the others and is thrown once they have stopped. */
export async function inParallel<Item>(
  items: readonly Item[],
  width: number,
  signal: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const failed = new AbortController();
  const either = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])]);
  const pending = items.values();
  const workers = Array.from({ length: width }, async () => {
    for (const item of pending) {
      either.throwIfAborted();
      await work(item, either).catch((error: unknown) => {
        failed.abort(error);
        throw error;
      });
    }
  });
  await Promise.allSettled(workers);
  either.throwIfAborted();
}
