import type { Clock } from '../../../shared/clock.ts';

/** An address that a name resolved to, and the port that the list names; open to one sandbox for a while. */
export interface ResolvedAddress {
  /** Of the sandbox. */
  readonly source: string;
  readonly target: string;
  readonly port: number | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly expiresAtMs: number;
}

/** What the name server has opened, so that lost rules can be made again. Bounded by each sandbox's own limit. */
export interface ResolvedAddresses {
  /** Of those given, what the firewall has to be told. Undefined when a sandbox would have too many: then none is noted. */
  note(addresses: readonly ResolvedAddress[]): Told | undefined;
  forget(source: string): void;
  live(): readonly ResolvedAddress[];
}

interface Told {
  readonly fresh: readonly ResolvedAddress[];
  /** The firewall may have them with an earlier end. */
  readonly renewed: readonly ResolvedAddress[];
  /** When the firewall took nothing of it: what is open counts as before. */
  undo(): void;
}

export const mostResolvedAddresses = 1_024;

export function createResolvedAddresses({
  clock,
}: {
  readonly clock: Pick<Clock, 'now'>;
}): ResolvedAddresses {
  const bySource = new Map<string, Map<string, ResolvedAddress>>();

  function liveOf(source: string): Map<string, ResolvedAddress> {
    const entries = bySource.get(source) ?? new Map<string, ResolvedAddress>();
    bySource.set(source, entries);
    if (entries.size < mostResolvedAddresses) return entries;
    for (const [key, { expiresAtMs }] of entries) if (expiresAtMs <= clock.now()) entries.delete(key);
    return entries;
  }

  return {
    note(addresses) {
      const fresh: ResolvedAddress[] = [];
      const renewed: ResolvedAddress[] = [];
      const undoing: (() => void)[] = [];
      const undo = () => {
        for (const step of undoing.toReversed()) step();
      };
      for (const address of addresses) {
        const entries = liveOf(address.source);
        const key = `${address.target} ${address.port}`;
        const known = entries.get(key);
        // Half of the time it is asked for may pass before it is told again: each telling costs milliseconds.
        const needed = clock.now() + (address.expiresAtMs - clock.now()) / 2;
        if (known !== undefined && known.expiresAtMs >= needed) continue;
        if (known === undefined && entries.size >= mostResolvedAddresses) {
          undo();
          return undefined;
        }
        entries.set(key, address);
        undoing.push(() => void (known === undefined ? entries.delete(key) : entries.set(key, known)));
        (known === undefined ? fresh : renewed).push(address);
      }
      return { fresh, renewed, undo };
    },
    forget: (source) => void bySource.delete(source),
    live: () =>
      [...bySource.values()].flatMap((entries) =>
        [...entries.values()].filter(({ expiresAtMs }) => expiresAtMs > clock.now()),
      ),
  };
}
