import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { Config } from '../../config/config.ts';
import type { Finding } from '../../shared/finding.ts';
import { fakeContext } from '../testing/fake-context.ts';

const well: Finding = {
  area: 'Kernel',
  subject: 'overlay',
  state: 'ok',
  detail: 'mounted',
  advice: 'Nothing.',
};
const slow: Finding = {
  area: 'Kernel',
  subject: 'swap',
  state: 'warn',
  detail: 'is on',
  advice: 'Switch it off.',
};
const hidden: Finding = { area: 'Ports', subject: 'firewalls', state: 'unknown', detail: 'only root' };
const broken: Finding = {
  area: 'Ports',
  subject: 'port 4700',
  state: 'fail',
  detail: 'nginx\u001b[2J',
  advice: 'End it.',
};

function user(findings: readonly Finding[], more: Parameters<typeof fakeContext>[0] = {}) {
  return fakeContext({ ...more, examine: async () => findings });
}

describe('berth doctor', () => {
  it('shows each finding under its headline with its state and, unless all is well, what to do', async () => {
    verifies('doctor:command');
    await using ran = await user([well, slow, hidden, broken]);

    assert.equal(await ran.run('doctor'), 1);

    assert.equal(
      ran.stdout(),
      `Kernel
  ok     overlay  mounted
  warn   swap     is on
                  Switch it off.

Ports
  ?      firewalls  only root
  FAIL   port 4700  nginx\\x1b[2J
                    End it.

Berth cannot run here as it is: 1 thing keeps it from it. (1 warning, 1 not looked at)
`,
    );
  });

  it('ends well when nothing keeps Berth from running, and says when it could not look', async () => {
    verifies('doctor:command', 'doctor:unprivileged');
    await using good = await user([well, slow]);
    assert.equal(await good.run('doctor'), 0);
    assert.match(good.stdout(), /\nBerth can run here\. \(1 warning\)\n$/);

    await using blind = await user([well, hidden]);
    assert.equal(await blind.run('doctor'), 0);
    assert.match(
      blind.stdout(),
      /Nothing that was looked at keeps Berth from running here\. \(1 not looked at\)/,
    );
  });

  it('prints JSON, and names variables that are no settings', async () => {
    verifies('doctor:command');
    await using ran = await user([broken], { env: { BERTH_LISTN: 'x' } });

    assert.equal(await ran.run('doctor', '--json'), 1);

    const { usable, server, findings } = JSON.parse(ran.stdout()) as Record<string, unknown>;
    assert.deepEqual([usable, server], [false, 'stopped']);
    assert.deepEqual(
      (findings as Finding[]).map(({ subject }) => subject),
      ['BERTH_LISTN', 'port 4700'],
    );
    assert.equal(ran.stderr(), '');
  });

  it('looks with the settings and flags of berth up, and refuses wrong ones like it', async () => {
    verifies('doctor:command');
    let seen: Config | undefined;
    await using ran = await fakeContext({
      examine: async (config) => {
        seen = config;
        return [];
      },
    });
    assert.equal(await ran.run('doctor', '--isolation', 'gvisor', '--listen', '127.0.0.1:4711'), 0);
    assert.deepEqual([seen?.engine.isolation, seen?.listen.port], ['gvisor', 4711]);
    assert.equal(await ran.run('doctor', '--listen', 'nowhere'), 2);
  });
});
