import type { AccessFacts } from './access-facts.ts';
import { isWithin } from './key-limits.ts';
import type { SigningPrincipal } from './principal.ts';

/** Those items of a list that are of runtimes which the caller's key is not limited against. */
export type Sees = <Item>(
  principal: SigningPrincipal,
  items: readonly Item[],
  runtimeIdOf: (item: Item) => string,
) => Promise<readonly Item[]>;

export function createSees(facts: AccessFacts): Sees {
  return async (principal, items, runtimeIdOf) => {
    const limits = principal.kind === 'access-key' ? principal.limits : undefined;
    if (limits === undefined) return items;
    const runtimes = await Promise.all(items.map(async (item) => facts.find(runtimeIdOf(item))));
    return items.filter((_item, index) => {
      const runtime = runtimes[index];
      return runtime !== undefined && isWithin(limits, runtime);
    });
  };
}
