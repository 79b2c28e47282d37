/**
 * Collects what comes while a round is under way into the next round, so that a crowd of requests costs a few calls of
 * `run` instead of one each. A round that fails rejects everybody in it.
 */
export function createRounds<Item>(
  run: (items: readonly Item[]) => Promise<void>,
): (item: Item) => Promise<void> {
  let waiting: { items: Item[]; done: Promise<void> } | undefined;
  let current: Promise<void> = Promise.resolve();

  return (item) => {
    if (waiting !== undefined) {
      waiting.items.push(item);
      return waiting.done;
    }
    const items = [item];
    const done = current
      .catch(() => undefined)
      .then(() => {
        waiting = undefined;
        return run(items);
      });
    waiting = { items, done };
    current = done;
    return done;
  };
}
