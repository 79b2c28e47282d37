import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { describe, it } from 'node:test';

import { verifies } from '../../../../test/requirements.ts';
import { runCommand } from '../run-command.ts';

const program = fileURLToPath(new URL('testing/other-firewalls-story.ts', import.meta.url));

describe('a network beside other firewalls (engine)', () => {
  it('works where Docker drops by default, also after Docker has made its chain anew, and leaves Docker its rules', async () => {
    verifies('network:beside-others', 'sandboxes:egress');
    const seen = await tell('docker');

    assert.match(seen['beside Docker'] ?? '', /^open /);
    assert.match(seen['after Docker has made its chain anew'] ?? '', /^open /);
    assert.equal(seen['were there'], 'rules');
    assert.equal(seen['left'], 'nothing');
    assert.equal(seen['of Docker'], 'all');
  });

  it('stays closed to other machines when all rules are flushed, and has its rules again as soon as a server runs', async () => {
    verifies('network:flushed', 'network:policy-kept');
    const seen = await tell('flush');

    assert.equal(seen['flushed without a server: internet'], 'unreachable');
    for (const step of ['before', 'with a server again', 'flushed under a server']) {
      assert.match(seen[`${step}: internet`] ?? '', /^open /, step);
      assert.equal(seen[`${step}: host`], 'refused', step);
      assert.equal(seen[`${step}: off`], 'refused', step);
    }
  });
});

async function tell(story: string): Promise<Readonly<Record<string, string>>> {
  // /sys shows the interfaces of the network that it was mounted in.
  const script = 'mount -t sysfs sysfs /sys && exec "$@"';
  const output = await runCommand(
    'unshare',
    ['--net', '--mount', 'sh', '-c', script, 'sh', process.execPath, program, story],
    { timeoutMs: 60_000 },
  );
  return JSON.parse(output) as Record<string, string>;
}
