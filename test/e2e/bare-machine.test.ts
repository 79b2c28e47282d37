import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { repository } from '../fixture/berth-fixture.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);

describe('A machine without any container package', { timeout: 900_000 }, () => {
  it('runs the packed berth with the engine of its packages: up, deploy, invoke, down', async () => {
    verifies('engine:bare-machine', 'engine:packed');
    const { stdout } = await run(process.execPath, [join(repository, 'scripts/bare-machine.ts')]);

    assert.match(stdout, /installed: no container package, no Node\n/);
    const programs = '/opt/berth/node_modules/berth-engine-linux-\\w+/bin';
    for (const name of ['containerd', 'runc', 'berth-init'])
      assert.match(stdout, new RegExp(`^engine .*${programs}/${name}\\b`, 'm'));
    assert.match(stdout, /"answer":"Hello from Berth! You said: hi"/);
    assert.match(stdout, /the session answers from the same sandbox\n/);
    assert.match(stdout, /Sessions ended: 1\./);
    assert.match(stdout, /stopped: nothing is left\n$/);
  });
});
