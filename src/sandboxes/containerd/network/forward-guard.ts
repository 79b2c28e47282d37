import { CommandFailure, runCommand } from '../run-command.ts';

/** The bit of a packet's mark that the firewall sets on what it has seen, and clears again before others look. */
export const forwardMark = 0x1000;
const preference = 31_000;

/**
 * A routing rule beside the firewall: packets of a bridge that the firewall has not seen are not forwarded. So when something
 * flushes all rules of the machine, sandboxes reach no other machine until Berth has put its rules back. Returns a sentence
 * when the kernel has no such rules.
 */
export async function guardForwarding(bridge: string): Promise<readonly string[]> {
  try {
    if (!(await hasGuard(bridge))) await runCommand('ip', ['rule', 'add', ...ruleOf(bridge)]);
    return [];
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return [
      'The kernel has no routing rules by mark (CONFIG_IP_MULTIPLE_TABLES): when another program flushes the firewall, sandboxes can reach other machines until Berth has put its rules back.',
    ];
  }
}

/** Takes it back; a rule outlives its interface. */
export async function unguardForwarding(bridge: string): Promise<void> {
  while (await hasGuard(bridge).catch(() => false))
    await runCommand('ip', ['rule', 'del', ...ruleOf(bridge)]);
}

async function hasGuard(bridge: string): Promise<boolean> {
  const rules = await runCommand('ip', ['-4', 'rule', 'show']);
  return rules
    .split('\n')
    .some((rule) => rule.startsWith(`${preference}:`) && rule.split(/\s+/).includes(bridge));
}

function ruleOf(bridge: string): readonly string[] {
  return ['pref', String(preference), 'iif', bridge, 'fwmark', `0/0x${forwardMark.toString(16)}`, 'prohibit'];
}
