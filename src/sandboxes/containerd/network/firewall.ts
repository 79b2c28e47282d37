import type { Clock } from '../../../shared/clock.ts';
import { BerthError, messageOf } from '../../../shared/errors.ts';
import type { EgressPolicy } from '../../egress-policy.ts';
import { CommandFailure, runCommand } from '../run-command.ts';
import { createRounds } from '../rounds.ts';
import { egressChain, type EgressChain } from './egress-chains.ts';
import { firewallRules, type FirewallSettings, sourcesOf } from './firewall-rules.ts';
import { readOpened } from './opened-elements.ts';
import { createResolvedAddresses, type ResolvedAddress } from './resolved-addresses.ts';

/**
 * The rules of one server in the kernel, and a record of them to make them again from. Changes that come while others are on
 * their way go together, as one nft transaction; when the kernel refuses one (somebody else took the tables away), all
 * rules are made anew. Failures are `unavailable`; the record then says what was wanted, not what is.
 */
export interface Firewall {
  /** Lets the ports of a bridge speak. Before this they cannot. */
  admitBridge(number: number): Promise<void>;
  /** Puts a sandbox's policy in force. The address had none, or the same. */
  confine(address: string, policy: EgressPolicy): Promise<void>;
  /** Takes away everything that was made for the addresses. */
  forget(addresses: readonly string[]): Promise<void>;
  /** Opens addresses to sandboxes with an allow-list. False: the sandbox has too many open already. */
  open(addresses: readonly ResolvedAddress[]): Promise<boolean>;
  /** Puts rules back that something else took away. True when that was needed. */
  restore(): Promise<boolean>;
}

export interface FirewallParts {
  readonly settings: FirewallSettings;
  /** To begin with: bridges, policies by address, and what names have opened for them. */
  readonly bridges: readonly number[];
  readonly policies: ReadonlyMap<string, EgressPolicy>;
  readonly resolved: readonly ResolvedAddress[];
  readonly clock: Pick<Clock, 'now'>;
}

/** Makes all rules, replacing those of an earlier process at one stroke. */
export async function createFirewall(parts: FirewallParts): Promise<Firewall> {
  const { settings, clock } = parts;
  const { names } = settings;
  const table = `inet ${names.table}`;
  const host = { gateway: names.gateway, allowedHostPorts: settings.allowedHostPorts };
  const bridges = new Set(parts.bridges);
  const confined = new Map<string, EgressChain>();
  const resolved = createResolvedAddresses({ clock });
  /** Chains of policies that the kernel has. */
  const chains = new Set<string>();

  for (const [address, policy] of parts.policies) note(address, policy);
  resolved.note(parts.resolved.filter(({ source }) => confined.get(source)?.resolves === true));
  await makeAll();
  const change = createRounds<string>(apply);

  function note(address: string, policy: EgressPolicy): EgressChain | undefined {
    const chain = egressChain(policy, host);
    if (chain === undefined) confined.delete(address);
    else confined.set(address, chain);
    return chain;
  }

  async function makeAll(): Promise<void> {
    const used = new Map([...confined.values()].map((chain) => [chain.name, chain]));
    const text = [
      firewallRules(settings),
      ...[...bridges].map((number) => sourcesOf(names, number)),
      ...[...used.values()].map(chainText),
      ...[...confined].map(([address, chain]) => elementText(address, chain)),
      ...resolved.live().map((address) => resolvedText(table, address, clock.now())),
    ].join('');
    await runCommand('nft', ['-f', '-'], { stdin: text });
    chains.clear();
    for (const name of used.keys()) chains.add(name);
  }

  async function apply(texts: readonly string[]): Promise<void> {
    const text = texts.join('');
    if (text === '') return;
    try {
      await runCommand('nft', ['-f', '-'], { stdin: text });
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      await makeAll().catch((second: unknown) => {
        throw new BerthError('unavailable', `The firewall took no rules: ${messageOf(second)}`, {
          cause: second,
        });
      });
    }
  }

  function chainText(chain: EgressChain): string {
    if (chain.rules === undefined) return '';
    // Flushed, as it may be there already and would have each rule twice.
    return [
      `add chain ${table} ${chain.name}\nflush chain ${table} ${chain.name}\n`,
      ...chain.rules.map((rule) => `add rule ${table} ${chain.name} ${rule}\n`),
    ].join('');
  }

  function elementText(address: string, chain: EgressChain): string {
    const resolving = chain.resolves ? `add element ${table} resolving { ${address} }\n` : '';
    return `add element ${table} policies { ${address} : goto ${chain.name} }\n${resolving}`;
  }

  return {
    async admitBridge(number) {
      if (bridges.has(number)) return;
      bridges.add(number);
      await change(sourcesOf(names, number));
    },
    async confine(address, policy) {
      const chain = note(address, policy);
      if (chain === undefined) return;
      const text = chains.has(chain.name) ? '' : chainText(chain);
      await change(text + elementText(address, chain));
      if (chain.rules !== undefined) chains.add(chain.name);
    },
    async forget(addresses) {
      const known = addresses.flatMap((address) => {
        const entry = confined.get(address);
        confined.delete(address);
        resolved.forget(address);
        return entry === undefined ? [] : [{ address, chain: entry }];
      });
      if (known.length === 0) return;
      const named = new Set(known.filter(({ chain }) => chain.resolves).map(({ address }) => address));
      // Read from the kernel, which knows what an earlier process opened and what the packets themselves did.
      const opened = named.size === 0 ? [] : await readOpened(names.table);
      const closing = opened
        .filter(({ source }) => named.has(source))
        .map(({ set, key }) => removeElement(`${table} ${set}`, key));
      await change(
        [...known.map(({ address, chain }) => forgetText(table, address, chain)), ...closing].join(''),
      );
      await dropUnused();
    },
    async open(addresses) {
      const told = resolved.note(addresses);
      if (told === undefined) return false;
      const nowMs = clock.now();
      try {
        await change(
          [
            // A new time counts only for a new element.
            ...told.renewed.map((address) => closeText(table, address)),
            ...[...told.fresh, ...told.renewed].map((address) => resolvedText(table, address, nowMs)),
          ].join(''),
        );
      } catch (error) {
        told.undo();
        throw error;
      }
      return true;
    },
    async restore() {
      if (await isThere(names.table)) return false;
      await makeAll();
      return true;
    },
  };

  /** Chains of policies that nobody has any more. */
  async function dropUnused(): Promise<void> {
    const used = new Set([...confined.values()].map(({ name }) => name));
    const unused = [...chains].filter((name) => !used.has(name));
    for (const name of unused) chains.delete(name);
    await change(
      unused.map((name) => `flush chain ${table} ${name}\ndelete chain ${table} ${name}\n`).join(''),
    );
  }
}

/**
 * By one chain of each table: listing tables costs a tenth of a second with ten thousand elements in them. One command each:
 * nft 1.0.6 looks for everything that is named together in the last one's family, and does not find the rest.
 */
async function isThere(table: string): Promise<boolean> {
  try {
    await runCommand('nft', ['list', 'chain', 'bridge', table, 'prerouting']);
    await runCommand('nft', ['list', 'chain', 'inet', table, 'refuse']);
    return true;
  } catch (error) {
    if (error instanceof CommandFailure) return false;
    throw error;
  }
}

function resolvedText(table: string, address: ResolvedAddress, nowMs: number): string {
  const [set, key] = elementOf(address);
  const seconds = Math.max(1, Math.ceil((address.expiresAtMs - nowMs) / 1_000));
  return `add element ${table} ${set} { ${key} timeout ${seconds}s }\n`;
}

function closeText(table: string, address: ResolvedAddress): string {
  const [set, key] = elementOf(address);
  return removeElement(`${table} ${set}`, key);
}

function elementOf({ source, target, port }: ResolvedAddress): readonly [set: string, key: string] {
  return port === undefined
    ? ['resolved', `${source} . ${target}`]
    : ['resolved_ports', `${source} . ${target} . ${port}`];
}

function forgetText(table: string, address: string, chain: EgressChain): string {
  return [
    removeElement(`${table} policies`, `${address} : goto ${chain.name}`),
    ...(chain.resolves
      ? ['resolving', 'remembering'].map((set) => removeElement(`${table} ${set}`, address))
      : []),
  ].join('');
}

/** Added first, so that the removal succeeds whether it was there or had run out. */
function removeElement(set: string, element: string): string {
  return `add element ${set} { ${element} }\ndelete element ${set} { ${element} }\n`;
}
