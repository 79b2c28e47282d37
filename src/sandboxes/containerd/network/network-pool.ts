import type { Clock } from '../../../shared/clock.ts';
import { BerthError, messageOf } from '../../../shared/errors.ts';
import type { RandomSource } from '../../../shared/ids.ts';
import { randomText } from '../../../shared/ids.ts';
import { createPreparedPool } from '../prepared-pool.ts';
import { createRounds } from '../rounds.ts';
import { createAddressLedger } from './address-ledger.ts';
import type { Removal } from './namespaces.ts';
import {
  hasNamespace,
  makeNamespace,
  readKernelNetwork,
  removalFailure,
  removeNamespaces,
} from './namespaces.ts';
import type { InternalTls, NetworkSettings } from './network-settings.ts';
import { setUpNetwork } from './network-setup.ts';
import type { NetworkSlot } from './network-slot.ts';

export type { InternalTls, NetworkSettings, NetworkSlot };

/**
 * Network namespaces of one server. A slot is used by one sandbox and then removed. Failures are `unavailable`.
 * Nothing is known only here: `list` and `sweep` read the kernel, so that the next process finds what this one left.
 */
export interface NetworkPool extends AsyncDisposable {
  /** A slot of the caller's own, until `release`. Rejects with the signal's reason when aborted first. */
  claim(signal?: AbortSignal): Promise<NetworkSlot>;
  /** Removes the slot's namespace and link. Idempotent. */
  release(name: string): Promise<void>;
  /** Every slot of this server in the kernel, prepared ones included. */
  list(): Promise<readonly NetworkSlot[]>;
  /**
   * Removes namespaces that are neither in `keep`, nor prepared, nor claimed within the last five minutes, and links without
   * a namespace; puts missing firewall rules back. Returns how many of each were removed.
   */
  sweep(keep: ReadonlySet<string>): Promise<{ namespaces: number; links: number }>;
  /** For /etc/hosts: names that mean the gateway's address. */
  readonly hostAliases: Readonly<Record<string, string>>;
  /** For /etc/resolv.conf: IPv4 addresses that sandboxes can reach; may be empty. */
  readonly nameservers: readonly string[];
  /** What the host's set-up made difficult, each a sentence that says what to do. */
  readonly warnings: readonly string[];
  /** Stops preparing and removes what nobody claimed. Claimed slots, bridge and rules stay for the next process. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface PoolLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

export interface NetworkPoolOptions {
  readonly home: string;
  /** 6 to 8 hexadecimal digits that no other server on this machine has. */
  readonly serverTag: string;
  readonly network: NetworkSettings;
  /** How many slots are kept ready. */
  readonly poolSize: number;
  /** TCP port of the internal listener on the gateway's address. */
  readonly internalPort: number;
  readonly internalTls?: InternalTls | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: PoolLog;
}

/** A claimed slot's sandbox may not be in a list that was made before the claim. */
const claimGraceMs = 5 * 60_000;
const concurrency = 2;

export async function createNetworkPool(options: NetworkPoolOptions): Promise<NetworkPool> {
  const { serverTag, poolSize, clock, random, log } = options;
  if (!/^[0-9a-f]{6,8}$/.test(serverTag))
    throw new TypeError(`serverTag must be 6 to 8 hexadecimal digits: ${serverTag}`);
  const setup = await setUpNetwork(options);
  const { names, mtu } = setup;
  for (const warning of setup.warnings) log.warn({ warning }, 'network set-up needs attention');

  const ledger = createAddressLedger(
    2,
    names.lastIndex,
    Number.parseInt(randomText(random, 6, '0123456789'), 10),
  );
  /** Names that this process prepares or removes just now; a sweep leaves them alone. */
  const inWork = new Map<string, number>();
  const releasing = new Map<string, Promise<void>>();
  const claimedAtMs = new Map<string, number>();
  const present = await readKernelNetwork(names);
  for (const index of [...present.namespaces.values(), ...present.links]) ledger.occupy(index);

  const pool = createPreparedPool({
    size: Math.min(poolSize, names.lastIndex - 1),
    concurrency,
    prepare,
    onFailure: (error) => log.warn({ error: messageOf(error) }, 'network slot could not be prepared'),
    clock,
  });
  pool.refill();

  async function prepare(): Promise<NetworkSlot> {
    const index = ledger.take();
    if (index === undefined) {
      throw new BerthError(
        'unavailable',
        `All ${names.lastIndex - 1} network addresses of this server are in use. End sessions, or give it a larger subnet.`,
      );
    }
    const name = names.slotName(index, randomText(random, 6, 'abcdefghijklmnopqrstuvwxyz0123456789'));
    const slot = names.slot(name, index);
    inWork.set(name, index);
    try {
      await makeNamespace(names, slot, index, mtu);
      return slot;
    } catch (error) {
      await remove([{ name, index }]);
      throw new BerthError('unavailable', `A network namespace could not be made: ${messageOf(error)}`, {
        cause: error,
      });
    } finally {
      inWork.delete(name);
    }
  }

  /** Removes one slot in the next round: a round takes all that came meanwhile, with one process. */
  const removeSoon = createRounds<Removal>(remove);

  async function remove(removals: readonly Removal[]): Promise<void> {
    for (const { name, index } of removals) inWork.set(name ?? names.linkName(index), index);
    try {
      const left = new Set(await removeNamespaces(names, removals));
      for (const removal of removals) if (!left.has(removal)) ledger.giveBack(removal.index);
      if (left.size > 0) throw removalFailure(names, [...left]);
    } finally {
      for (const { name, index } of removals) inWork.delete(name ?? names.linkName(index));
    }
  }

  async function findOrphans(): Promise<readonly number[]> {
    const { namespaces, links } = await readKernelNetwork(names);
    const accounted = new Set([...namespaces.values(), ...inWork.values()]);
    return [...links].filter((index) => !accounted.has(index));
  }

  function isProtected(name: string): boolean {
    const claimed = claimedAtMs.get(name);
    if (claimed !== undefined && clock.now() - claimed < claimGraceMs) return true;
    return inWork.has(name) || pool.ready().some((slot) => slot.name === name);
  }

  return {
    hostAliases: Object.fromEntries(
      ['berth.internal', 'host.berth.internal', ...(options.internalTls?.hostNames ?? [])].map((name) => [
        name,
        names.gateway,
      ]),
    ),
    nameservers: setup.nameservers,
    warnings: setup.warnings,
    async claim(signal) {
      const slot = await pool.claim(signal);
      claimedAtMs.set(slot.name, clock.now());
      return slot;
    },
    async release(name) {
      const index = names.indexOfSlot(name);
      if (index === undefined)
        throw new BerthError('internal', `"${name}" is not a network slot of this server.`);
      claimedAtMs.delete(name);
      // Its address may have a new slot by now: only a namespace that is still there gives the right to remove its link.
      if (!releasing.has(name) && !hasNamespace(name)) return;
      const done = releasing.get(name) ?? removeSoon({ name, index }).finally(() => releasing.delete(name));
      releasing.set(name, done);
      await done;
    },
    async list() {
      const { namespaces } = await readKernelNetwork(names);
      return [...namespaces].map(([name, index]) => names.slot(name, index));
    },
    async sweep(keep) {
      if (await setup.restoreRules())
        log.warn({ table: names.table }, 'firewall rules were missing and have been put back');
      const before = await findOrphans();
      const { namespaces } = await readKernelNetwork(names);
      const lost = [...namespaces].filter(([name]) => !keep.has(name) && !isProtected(name));
      // Twice, so that what was made or removed during the first look is not mistaken for one.
      const orphans = (await findOrphans()).filter((index) => before.includes(index));
      for (const [name] of lost) claimedAtMs.delete(name);
      await remove([
        ...lost.map(([name, index]) => ({ name, index })),
        ...orphans.map((index) => ({ name: undefined, index })),
      ]);
      return { namespaces: lost.length, links: orphans.length };
    },
    async [Symbol.asyncDispose]() {
      const unclaimed = await pool.close();
      const removals = unclaimed.flatMap((slot) => {
        const index = names.indexOfSlot(slot.name);
        return index === undefined ? [] : [{ name: slot.name, index }];
      });
      await remove(removals);
    },
  };
}
