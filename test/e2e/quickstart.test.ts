import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { berthCommand, repository } from '../fixture/berth-fixture.ts';
import { leftoversOf } from '../fixture/leftovers.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);
const quickstart = join(repository, 'scripts/quickstart.sh');
const homeIn = (text: string) => /state in (\S+)/.exec(text)?.[1] ?? '';

describe('npm run quickstart', { timeout: 300_000 }, () => {
  it('tells every step of the story and leaves nothing', async () => {
    verifies('setup:quickstart');
    const { stdout } = await run(quickstart, []);
    for (const claim of [
      'the agent knows its session id',
      'events arrive one by one while the agent is still working',
      "a file of one session is not in the other's",
      'HealthyBusy kept the session alive',
      'the same id starts clean in a new sandbox',
      'a new session starts on version 2',
      'the session answers from the same sandbox as before',
      'the runtime is gone, and its sandboxes with it',
    ]) {
      assert.ok(stdout.includes(`\u2713 ${claim}`), claim);
    }
    assert.match(stdout, /Done in \d+ s\.\n$/);
  });

  it('leaves the server up with --keep, and says how to use and end it', async () => {
    verifies('setup:quickstart');
    const { stdout } = await run(quickstart, ['--keep']);
    const home = homeIn(stdout);
    const [, exports = ''] = /eval "\$\((.*)\)"/.exec(stdout) ?? [];
    const [, end = ''] = /^ +(\.\/bin\/berth down .*)$/m.exec(stdout) ?? [];
    const shown = await run('bash', ['-c', exports], { cwd: repository });
    assert.match(shown.stdout, /AWS_ENDPOINT_URL_BEDROCK_AGENTCORE=/);
    const status = await run(berthCommand, ['status', '--home', home, '--json']);
    assert.equal((JSON.parse(status.stdout) as { state: string }).state, 'up');
    await run('bash', ['-c', end], { cwd: repository });
    assert.deepEqual(await leftoversOf(home), []);
    await rm(home, { recursive: true });
  });
});
