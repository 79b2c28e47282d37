import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, rmSync, statSync, utimesSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';

import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import type { Clock } from '../shared/clock.ts';
import type { RuntimeId, SandboxId } from '../shared/ids.ts';
import type { SandboxLogArchive } from './sandbox-log-archive.ts';
import { createSandboxLogArchive } from './sandbox-log-archive.ts';

const runtimeId = 'agent-0123456789' as RuntimeId;
const first = 'sb-1' as SandboxId;
const second = 'sb-2' as SandboxId;
const dayMs = 24 * 3_600_000;
let dir = '';
let archive: SandboxLogArchive;
let tick = () => {};

describe('sandbox log archive', () => {
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'berth-logs-'));
    const clock: Clock = {
      now: () => 100 * dayMs,
      after: (_, run) => {
        tick = run;
        return () => {};
      },
    };
    archive = createSandboxLogArchive({
      dir,
      maxBytes: 1_000,
      clock,
      log: { warn: () => assert.fail('warned') },
    });
  });
  afterEach(async () => {
    await archive[Symbol.asyncDispose]();
    rmSync(dir, { recursive: true });
  });

  it('makes one file per sandbox, for the owner only, below the folder of its runtime', async () => {
    verifies('sandboxes:log-file');
    const log = await archive.begin(runtimeId, first);

    assert.equal(log.path, join(dir, runtimeId, 'sb-1.log'));
    assert.equal(statSync(log.path).mode & 0o777, 0o600);
    assert.equal(await archive.begin(runtimeId, first), log);
  });

  it('leaves logs to another server between pause and resume', async () => {
    verifies('restart:one-decides');
    const clock = new FakeClock();
    await using shared = createSandboxLogArchive({ dir, maxBytes: 1_000, clock, log: { warn: assert.fail } });
    const log = await shared.begin(runtimeId, first);
    await shared.pause();
    appendFileSync(log.path, 'x'.repeat(600));
    await clock.advance(10_000);
    await shared.pause();
    assert.equal(statSync(log.path).size, 600);
    shared.resume();
    await clock.advance(1_000);
    await shared.pause();
    assert.equal(statSync(log.path).size, 0);
  });

  it('rotates what runs at every check, and once more when the sandbox ends', async () => {
    verifies('sandboxes:log-rotation');
    const log = await archive.begin(runtimeId, first);
    appendFileSync(log.path, 'x'.repeat(600));
    tick();
    await archive.begin(runtimeId, second);
    await archive[Symbol.asyncDispose]();
    assert.equal(statSync(log.path).size, 0);

    appendFileSync(log.path, 'y'.repeat(700));
    archive.end(first);
    await archive[Symbol.asyncDispose]();

    assert.equal(statSync(log.path).size, 0);
    assert.ok(log.isEnded());
  });

  it('finds the log of a sandbox that is gone, and never a path outside', async () => {
    const log = await archive.begin(runtimeId, first);
    appendFileSync(log.path, 'words\n');
    archive.end(first);

    assert.equal((await archive.find(runtimeId, first).bounds()).end, 6);
    assert.throws(() => archive.find(runtimeId, second), { code: 'not-found' });
    assert.throws(() => archive.find('..' as RuntimeId, '../x' as SandboxId), { code: 'not-found' });
  });

  it('deletes the too old and then the oldest, never those of running sandboxes', async () => {
    const names = ['sb-a', 'sb-b', 'sb-c', 'sb-d'] as SandboxId[];
    for (const [i, name] of names.entries()) {
      const { path } = await archive.begin(runtimeId, name);
      appendFileSync(path, 'z'.repeat(100));
      const seconds = ((100 - i * 10) * dayMs) / 1_000;
      utimesSync(path, seconds, seconds);
      if (name !== 'sb-d') archive.end(name);
    }

    const removed = await archive.prune({ maxAgeMs: 15 * dayMs, maxTotalBytes: 150 });

    assert.equal(removed, 2);
    assert.deepEqual(
      (await archive.list(runtimeId)).map((stored) => stored.sandboxId),
      ['sb-a', 'sb-d'],
    );
    assert.ok(existsSync(join(dir, runtimeId, 'sb-d.log')));
  });
});
