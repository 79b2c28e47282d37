import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { verifies } from '../../../../test/requirements.ts';
import { runCommand } from '../run-command.ts';

const moduleUrl = new URL('host-firewall.ts', import.meta.url).href;

describe('other firewalls of the host (engine)', () => {
  it('lets the bridge pass where iptables refuses by default, once, and takes that back', async () => {
    verifies('sandboxes:egress');
    const steps = await inEmptyNetwork(`
      await iptables('-P', 'FORWARD', 'DROP');
      await openHostFirewall('bth-test');
      await openHostFirewall('bth-test');
      print(await iptables('-S'));
      await closeHostFirewall('bth-test');
      print(await iptables('-S'));
    `);

    assert.deepEqual(rulesOf(steps[0]), [
      '-A FORWARD -o bth-test -m comment --comment berth -j ACCEPT',
      '-A FORWARD -i bth-test -m comment --comment berth -j ACCEPT',
    ]);
    assert.deepEqual(rulesOf(steps[1]), []);
  });

  it('changes nothing where iptables refuses nothing', async () => {
    const steps = await inEmptyNetwork(`
      await openHostFirewall('bth-test');
      print(await iptables('-S'));
    `);

    assert.deepEqual(rulesOf(steps[0]), []);
  });

  it('warns of a chain of nftables that drops by default', async () => {
    const steps = await inEmptyNetwork(`
      await runCommand('nft', ['add table inet own; add chain inet own in { type filter hook input priority 0; policy drop; }']);
      print((await openHostFirewall('bth-test')).join());
    `);

    assert.match(steps[0] ?? '', /"inet own in" drops by default.*bth-test/);
  });
});

/** Runs statements in a process with a network of its own, so that this machine's firewall stays as it is. */
async function inEmptyNetwork(statements: string): Promise<readonly string[]> {
  const program = `
    import { closeHostFirewall, openHostFirewall } from '${moduleUrl}';
    import { runCommand } from '${new URL('../run-command.ts', import.meta.url).href}';
    const iptables = (...args) => runCommand('iptables', ['-w', '5', ...args]);
    const print = (text) => console.log(JSON.stringify(text));
    ${statements}`;
  const output = await runCommand('unshare', [
    '--net',
    process.execPath,
    '--input-type=module',
    '-e',
    program,
  ]);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => String(JSON.parse(line)));
}

function rulesOf(listing: string | undefined): readonly string[] {
  return (listing ?? '').split('\n').filter((line) => line.startsWith('-A'));
}
