import { CommandFailure, runCommand } from '../run-command.ts';
import { BerthError } from '../../../shared/errors.ts';

/**
 * Other firewalls of the host that refuse by default (Docker's FORWARD policy, ufw, firewalld) would also refuse what
 * Berth's own table lets through. This lets the bridge pass them; Berth's refusals come first and stay final.
 * Returns a sentence for each firewall that it could not open. Idempotent.
 */
export async function openHostFirewall(bridge: string): Promise<readonly string[]> {
  for (const rule of iptablesRules(bridge)) {
    const listing = await tryCommand('iptables', ['-w', '5', '-S', rule.chain]);
    if (listing === undefined || !refusesSomething(listing)) continue;
    if ((await tryCommand('iptables', ['-w', '5', '-C', rule.chain, ...rule.match])) !== undefined) continue;
    await tryCommand('iptables', ['-w', '5', '-I', rule.chain, '1', ...rule.match]);
  }
  if ((await tryCommand('firewall-cmd', ['--state'])) !== undefined) {
    await tryCommand('firewall-cmd', ['--zone=trusted', `--change-interface=${bridge}`]);
  }
  return (await refusingChains(tryCommand)).map(
    (chain) =>
      `The nftables chain "${chain}" drops by default: add a rule to it that accepts the interface ${bridge}, or agents may not be reachable.`,
  );
}

/** The host's other firewalls, as far as they are in the way of sandboxes. */
export interface HostFirewalls {
  /** Chains of iptables with refusals, which `openHostFirewall` opens for Berth's bridges: of Docker and ufw, most often. */
  readonly iptables: readonly string[];
  readonly hasFirewalld: boolean;
  /** Chains of nftables that only their owner can open. */
  readonly refusing: readonly string[];
}

/** Looks only. */
export async function inspectHostFirewalls(run: TryCommand = tryCommand): Promise<HostFirewalls> {
  const listings = ['INPUT', 'FORWARD', 'OUTPUT'].map(async (chain) => {
    const listing = await run('iptables', ['-w', '5', '-S', chain]);
    return listing !== undefined && refusesSomething(listing) ? [chain] : [];
  });
  return {
    iptables: (await Promise.all(listings)).flat(),
    hasFirewalld: (await run('firewall-cmd', ['--state'])) !== undefined,
    refusing: await refusingChains(run),
  };
}

/** Resolves to what it printed, or to undefined when the program is not there or says no. */
type TryCommand = (command: string, args: readonly string[]) => Promise<string | undefined>;

/** Takes back what `openHostFirewall` added. */
export async function closeHostFirewall(bridge: string): Promise<void> {
  for (const rule of iptablesRules(bridge)) {
    if ((await tryCommand('iptables', ['-w', '5', '-C', rule.chain, ...rule.match])) === undefined) continue;
    await tryCommand('iptables', ['-w', '5', '-D', rule.chain, ...rule.match]);
  }
  if ((await tryCommand('firewall-cmd', ['--state'])) !== undefined) {
    await tryCommand('firewall-cmd', ['--zone=trusted', `--remove-interface=${bridge}`]);
  }
}

function iptablesRules(bridge: string) {
  const accept = ['-m', 'comment', '--comment', 'berth', '-j', 'ACCEPT'];
  return [
    { chain: 'INPUT', match: ['-i', bridge, ...accept] },
    { chain: 'FORWARD', match: ['-i', bridge, ...accept] },
    { chain: 'FORWARD', match: ['-o', bridge, ...accept] },
    { chain: 'OUTPUT', match: ['-o', bridge, ...accept] },
  ];
}

/** Whether a chain as `iptables -S` prints it is more than an ACCEPT policy and Berth's own rules. */
function refusesSomething(listing: string): boolean {
  const lines = listing.split('\n').filter((line) => line !== '' && !line.includes('--comment berth '));
  return lines.some((line) => !/^-P \w+ ACCEPT$/.test(line));
}

/** nftables chains of others that drop by default; there is no telling where in them a rule would have to go. */
async function refusingChains(run: TryCommand): Promise<readonly string[]> {
  const listing = await run('nft', ['list', 'chains']);
  if (listing === undefined) return [];
  const chains: string[] = [];
  let table = '';
  let chain = '';
  for (const line of listing.split('\n')) {
    table = /^table (.+) \{$/.exec(line)?.[1] ?? table;
    chain = /^\s*chain (\S+) \{$/.exec(line)?.[1] ?? chain;
    const hook = /hook (input|forward|output) .*policy drop/.exec(line)?.[1];
    // `ip filter` is iptables, which was opened above; firewalld and Berth's own tables never have such a policy.
    if (hook === undefined || table === 'ip filter' || !/^(ip|inet) /.test(table)) continue;
    chains.push(`${table} ${chain}`);
  }
  return chains;
}

/** Undefined when the program is not there or says no. */
async function tryCommand(command: string, args: readonly string[]): Promise<string | undefined> {
  try {
    return await runCommand(command, args);
  } catch (error) {
    if (error instanceof CommandFailure || error instanceof BerthError) return undefined;
    throw error;
  }
}
