import type { Clock } from '../../../shared/clock.ts';
import { attemptAll } from '../../../shared/attempt-all.ts';
import { BerthError, messageOf } from '../../../shared/errors.ts';
import type { RandomSource } from '../../../shared/ids.ts';
import { randomText } from '../../../shared/ids.ts';
import type { EgressPolicy } from '../../egress-policy.ts';
import { createPreparedPool } from '../prepared-pool.ts';
import { createRounds } from '../rounds.ts';
import { type AddressLedger, createAddressLedger } from './address-ledger.ts';
import { hostResolvers } from './dns/host-resolvers.ts';
import { createLookUp, type LookUpParts } from './dns/look-up.ts';
import { openNameServer } from './dns/name-server.ts';
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
import { watchRules } from './rule-watch.ts';

export type { InternalTls, NetworkSettings, NetworkSlot };

/**
 * Network namespaces of one server. A slot is used by one sandbox and then removed. Failures are `unavailable`.
 * Nothing is known only here: `list` and `sweep` read the kernel, so that the next process finds what this one left.
 */
export interface NetworkPool extends AsyncDisposable {
  /** A slot of the caller's own, until `release`. Rejects with the signal's reason when aborted first. */
  claim(signal?: AbortSignal): Promise<NetworkSlot>;
  /**
   * Puts a claimed slot's policy in force, once, before anything runs in it; it has the server's default until then. It
   * outlives this process, and ends with the slot.
   */
  confine(name: string, policy: EgressPolicy): Promise<void>;
  /** Removes the slot's namespace, link and policy. Idempotent. */
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
  /** For /etc/resolv.conf: IPv4 addresses that a sandbox with the policy can reach; may be empty. */
  nameservers(policy: EgressPolicy): readonly string[];
  /** What the host's set-up made difficult, each a sentence that says what to do. */
  readonly warnings: readonly string[];
  /**
   * For a handover: nothing is made, no name is looked up and no rule is put back until `resume`, so that another process can
   * tell from the kernel what there is, and does all of that from then on. Idempotent, both of them.
   */
  pause(): Promise<void>;
  /** Learns anew what there is, and puts this server's own rules in place of the other one's. */
  resume(): Promise<void>;
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
  /** UDP and TCP port of the name server for allow-lists, on the gateway's address. */
  readonly dnsPort: number;
  /** What it asks; those of the host when not set. */
  readonly resolvers?: LookUpParts['resolvers'];
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: PoolLog;
}

/** A claimed slot's sandbox may not be in a list that was made before the claim. */
const claimGraceMs = 5 * 60_000;
const concurrency = 2;
/** With fewer free the next bridge is made: an address is to rest before it is used again. */
const freeReserve = 100;
/** An address stays open for twice the time that its answer may be used, at least twice this long: the firewall is told half as often. */
const leastOpenS = 30;

export async function createNetworkPool(options: NetworkPoolOptions): Promise<NetworkPool> {
  const { serverTag, poolSize, clock, random, log } = options;
  if (!/^[0-9a-f]{6,8}$/.test(serverTag))
    throw new TypeError(`serverTag must be 6 to 8 hexadecimal digits: ${serverTag}`);
  let setup = await setUpNetwork(options);
  const { names, mtu } = setup;
  for (const warning of setup.warnings) log.warn({ warning }, 'network set-up needs attention');

  let bridgeCount = 1;
  let ledger: AddressLedger;
  /** Removed slots whose policy is not: the next removal tries again, and until then the address is nobody's. */
  const gone = new Map<number, Removal>();
  /** Names that this process prepares or removes just now; a sweep leaves them alone. */
  const inWork = new Map<string, number>();
  const releasing = new Map<string, Promise<void>>();
  const claimedAtMs = new Map<string, number>();
  const confined = new Map<string, EgressPolicy>();
  const policyByAddress = new Map<string, EgressPolicy>();
  await takeStock();

  /** Which addresses and policies are in use: kernel and files know, whichever process made them. */
  async function takeStock(): Promise<void> {
    const present = await readKernelNetwork(names);
    const inUse = [...present.namespaces.values(), ...present.links];
    bridgeCount = 1 + Math.max(0, ...inUse.map((index) => names.bridgeOf(index)));
    ledger = createAddressLedger(
      2,
      names.slotsOf(bridgeCount - 1)[1],
      Number.parseInt(randomText(random, 6, '0123456789'), 10),
    );
    for (const index of inUse) ledger.occupy(index);
    gone.clear();
    confined.clear();
    policyByAddress.clear();
    for (const [name, policy] of setup.confined) {
      confined.set(name, policy);
      policyByAddress.set(names.addressAt(requireIndex(name)), policy);
    }
  }

  const hostAliases = Object.fromEntries(
    ['berth.internal', 'host.berth.internal', ...(options.internalTls?.hostNames ?? [])].map((name) => [
      name,
      names.gateway,
    ]),
  );
  const openNames = () =>
    openNameServer({
      host: names.gateway,
      port: options.dnsPort,
      lookUp: createLookUp({ resolvers: options.resolvers ?? hostResolvers }),
      policyOf: (address) => policyByAddress.get(address),
      hostAliases,
      allowedRanges: setup.allowedRanges,
      open: ({ source, addresses, ports, ttlS }) => {
        const expiresAtMs = clock.now() + 2_000 * Math.max(ttlS, leastOpenS);
        return setup.firewall.open(
          addresses.flatMap((target) => ports.map((port) => ({ source, target, port, expiresAtMs }))),
        );
      },
      clock,
    });
  let growing: Promise<void> | undefined;
  let isPaused = false;

  const watchOwnRules = () =>
    watchRules({
      check: (reason) =>
        restoreRules({ isQuick: reason === 'time' }).catch((error: unknown) =>
          log.warn({ error: messageOf(error) }, 'firewall rules are missing and could not be put back'),
        ),
      clock,
    });

  let nameServer: AsyncDisposable | undefined;
  let watch: AsyncDisposable | undefined;
  await startServing();

  async function startServing(): Promise<void> {
    nameServer ??= await openNames();
    watch ??= watchOwnRules();
  }

  async function stopServing(): Promise<void> {
    const parts = [watch, nameServer];
    watch = undefined;
    nameServer = undefined;
    for (const part of parts) await part?.[Symbol.asyncDispose]();
  }

  const pool = createPreparedPool({
    size: Math.min(poolSize, names.lastIndex - 1),
    concurrency,
    prepare,
    onFailure: (error) => log.warn({ error: messageOf(error) }, 'network slot could not be prepared'),
    clock,
  });
  pool.refill();

  async function prepare(): Promise<NetworkSlot> {
    if (ledger.free < freeReserve && bridgeCount < names.bridges.length)
      await (growing ??= grow().finally(() => (growing = undefined)));
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

  async function restoreRules(look: { readonly isQuick: boolean }): Promise<void> {
    if (await setup.restoreRules(look))
      log.warn({ table: names.table }, 'firewall rules were missing and have been put back');
  }

  async function grow(): Promise<void> {
    await setup.addBridge(bridgeCount);
    bridgeCount += 1;
    ledger.extend(names.slotsOf(bridgeCount - 1)[1]);
  }

  /** Removes one slot in the next round: a round takes all that came meanwhile, with one process. */
  const removeSoon = createRounds<Removal>(remove);

  async function remove(removals: readonly Removal[]): Promise<void> {
    for (const { name, index } of removals) inWork.set(name ?? names.linkName(index), index);
    try {
      const left = new Set(await removeNamespaces(names, removals));
      for (const removal of removals) if (!left.has(removal)) gone.set(removal.index, removal);
      // The policy goes after what it held, and before the address is anybody else's.
      const free = [...gone.values()];
      await unconfine(free);
      for (const { index } of free) if (gone.delete(index)) ledger.giveBack(index);
      if (left.size > 0) throw removalFailure(names, [...left]);
    } finally {
      for (const { name, index } of removals) inWork.delete(name ?? names.linkName(index));
    }
  }

  async function unconfine(free: readonly Removal[]): Promise<void> {
    const slots = free.map(({ name }) => name ?? '').filter((name) => confined.has(name));
    await setup.firewall.forget(free.map(({ index }) => names.addressAt(index)));
    await setup.policies.remove(slots);
    for (const name of slots) confined.delete(name);
    for (const { index } of free) policyByAddress.delete(names.addressAt(index));
  }

  async function findOrphans(): Promise<readonly number[]> {
    const { namespaces, links } = await readKernelNetwork(names);
    const accounted = new Set([...namespaces.values(), ...inWork.values()]);
    return [...links].filter((index) => !accounted.has(index));
  }

  function requireIndex(name: string): number {
    const index = names.indexOfSlot(name);
    if (index !== undefined) return index;
    throw new BerthError('internal', `"${name}" is not a network slot of this server.`);
  }

  function isProtected(name: string): boolean {
    const claimed = claimedAtMs.get(name);
    if (claimed !== undefined && clock.now() - claimed < claimGraceMs) return true;
    return inWork.has(name) || pool.ready().some((slot) => slot.name === name);
  }

  return {
    hostAliases,
    nameservers(policy) {
      switch (policy.kind) {
        case 'default':
          return setup.nameservers.default;
        case 'on':
          return setup.nameservers.on;
        case 'off':
          return [];
        case 'network':
          return policy.nameservers;
        case 'allow-list':
          return policy.destinations.some(({ kind }) => kind === 'name') ? [names.gateway] : [];
      }
    },
    warnings: setup.warnings,
    async claim(signal) {
      const slot = await pool.claim(signal);
      claimedAtMs.set(slot.name, clock.now());
      return slot;
    },
    async confine(name, policy) {
      if (policy.kind === 'default') return;
      if (policy.kind !== 'off') {
        const warning = await setup.allowForwarding();
        if (warning !== undefined) log.warn({ warning }, 'network set-up needs attention');
      }
      const address = names.addressAt(requireIndex(name));
      confined.set(name, policy);
      policyByAddress.set(address, policy);
      // The file first: a process that comes after a crash has to know of every rule.
      await setup.policies.write(name, policy);
      await setup.firewall.confine(address, policy);
    },
    async release(name) {
      const index = requireIndex(name);
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
      await restoreRules({ isQuick: false });
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
    async pause() {
      isPaused = true;
      await pool.pause();
      await stopServing();
    },
    async resume() {
      if (!isPaused) return;
      await attemptAll(
        async () => {
          setup = await setUpNetwork(options);
          await takeStock();
        },
        startServing,
        () => pool.resume(),
      );
      isPaused = false;
    },
    async [Symbol.asyncDispose]() {
      await stopServing();
      const unclaimed = await pool.close();
      const removals = unclaimed.flatMap((slot) => {
        const index = names.indexOfSlot(slot.name);
        return index === undefined ? [] : [{ name: slot.name, index }];
      });
      await remove(removals);
    },
  };
}
