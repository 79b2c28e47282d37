import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { createSandboxLogArchive, type SandboxLogArchive } from '../../sandboxes/sandbox-log-archive.ts';
import type { RuntimeId, SandboxId, SessionId } from '../../shared/ids.ts';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { SandboxLogsView } from './sandbox-logs-view.ts';
import { fakeSession } from './testing/fake-sessions.ts';

const runtimeId = 'hello-AbCdEf1234' as RuntimeId;
const sandboxId = 'sb-1' as SandboxId;
const session = fakeSession({ runtimeId, sandboxId });

describe('logs of sandboxes', () => {
  let dir: string;
  let clock: FakeClock;
  let archive: SandboxLogArchive;
  let view: SandboxLogsView;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'berth-logs-'));
    clock = new FakeClock();
    archive = createSandboxLogArchive({ dir, maxBytes: 10_000_000, clock, log: { warn: assert.fail } });
    const sessions = {
      find: async (_runtime: RuntimeId, id: SessionId) => (id === session.id ? session : undefined),
    };
    view = new SandboxLogsView({ archive, sessions, isRuntime: async (id) => id === runtimeId, clock });
  });
  afterEach(async () => {
    await archive[Symbol.asyncDispose]();
    await rm(dir, { recursive: true });
  });

  async function write(id: SandboxId, text: string): Promise<void> {
    await appendFile((await archive.begin(runtimeId, id)).path, text);
  }

  function open(sessionId?: SessionId, tail?: number, follow?: AbortController) {
    const { signal } = follow ?? new AbortController();
    return view.open({ runtimeId, sessionId, tail, follow: follow !== undefined, signal });
  }

  it('are read line by line, control characters made visible', async () => {
    verifies('admin:logs');
    await write(sandboxId, 'one\n\u001b[2Jtwo\n\nthree');
    assert.deepEqual(await Array.fromAsync(await open(session.id)), [
      'one\n',
      '\\x1b[2Jtwo\n',
      '\n',
      'three\n',
    ]);
  });

  it('are tailed by lines, also far back', async () => {
    verifies('admin:logs');
    const lines = Array.from({ length: 5_000 }, (_, index) => `line ${index} ${'x'.repeat(50)}\n`);
    await write(sandboxId, lines.join(''));
    assert.deepEqual(await Array.fromAsync(await open(session.id, 3)), lines.slice(-3));
    assert.deepEqual(await Array.fromAsync(await open(session.id, 3_000)), lines.slice(-3_000));
    assert.deepEqual(await Array.fromAsync(await open(session.id, 9_000)), lines);
    assert.deepEqual(await Array.fromAsync(await open(session.id, 0)), []);
  });

  it('end where they ended when they were opened, although the agent writes on and on', async () => {
    verifies('admin:logs');
    await write(sandboxId, 'old\nlast\n');
    const seen: string[] = [];
    for await (const line of await open(session.id)) {
      seen.push(line);
      await write(sandboxId, 'flood\n');
    }
    assert.deepEqual(seen, ['old\n', 'last\n']);
  });

  it('are followed until the sandbox is gone', async () => {
    verifies('admin:logs');
    await write(sandboxId, 'old\nfirst\n');
    const lines = (await open(session.id, 1, new AbortController()))[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, 'first\n');
    await write(sandboxId, 'second\n');
    assert.equal((await passTime(lines.next())).value, 'second\n');
    archive.end(sandboxId);
    assert.equal((await passTime(lines.next())).done, true);
  });

  it('of a whole runtime are marked with their sandbox, new sandboxes included', async () => {
    verifies('admin:logs');
    await write(sandboxId, 'a\n');
    const caller = new AbortController();
    const lines = (await open(undefined, undefined, caller))[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, '[sb-1] a\n');
    await write('sb-2' as SandboxId, 'b\n');
    assert.equal((await passTime(lines.next())).value, '[sb-2] b\n');
    const end = lines.next();
    caller.abort();
    assert.equal((await passTime(end)).done, true);
    assert.equal((await Array.fromAsync(await open())).length, 2);
  });

  it('do not exist for an unknown session or runtime', async () => {
    await assert.rejects(open('nobody' as SessionId), { code: 'not-found' });
    const { signal } = new AbortController();
    const unknown = { runtimeId: 'other-AbCdEf1234' as RuntimeId, sessionId: undefined, tail: undefined };
    await assert.rejects(view.open({ ...unknown, follow: false, signal }), { code: 'not-found' });
    assert.deepEqual(await Array.fromAsync(await open()), []);
  });

  /** Lets the clock run until `promise` is settled. */
  async function passTime<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settled = promise.finally(() => (isSettled = true));
    while (!isSettled) {
      await clock.advance(250);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return settled;
  }
});
