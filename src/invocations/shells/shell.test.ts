import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { fuzzRounds, seededWhole } from '../../../test/fakes/seeded.ts';
import { verifies } from '../../../test/requirements.ts';
import type { ExecSpec, SandboxProcess, TerminalSize } from '../../sandboxes/sandbox-process.ts';
import type { SessionLease } from '../../sessions/session-lease.ts';
import { BerthError } from '../../shared/errors.ts';
import { decodeShellFrame, encodeShellFrame } from '../../shared/shell-frames.ts';
import { ReplayBuffer } from './replay-buffer.ts';
import { Shell, type ShellClient } from './shell.ts';
import { Shells } from './shells.ts';

/** A program that does nothing by itself. */
class FakeProgram implements SandboxProcess {
  readonly stdin = new PassThrough();
  readonly stdout = new PassThrough();
  readonly stderr = new PassThrough();
  readonly sizes: TerminalSize[] = [];
  readonly #exit = Promise.withResolvers<number>();
  readonly exit = this.#exit.promise;

  async resize(size: TerminalSize): Promise<void> {
    this.sizes.push(size);
  }

  async kill(): Promise<void> {
    this.end(137);
  }

  end(code: number): void {
    this.stdout.end();
    this.#exit.resolve(code);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end(137);
  }
}

class FakeClient implements ShellClient {
  readonly frames: Buffer[] = [];
  readonly closes: number[] = [];
  readonly #gone = Promise.withResolvers<void>();
  readonly gone = this.#gone.promise;

  async send(frame: Uint8Array): Promise<boolean> {
    await setImmediate();
    if (this.closes.length > 0) return false;
    this.frames.push(Buffer.from(frame));
    return true;
  }

  close(code: number): void {
    if (this.closes.length === 0) this.closes.push(code);
    this.#gone.resolve();
  }

  /** What came on stdout. */
  get output(): string {
    const frames = this.frames.map(decodeShellFrame).filter((frame) => frame?.channel === 'stdout');
    return frames.map((frame) => frame?.payload.toString('latin1')).join('');
  }
}

function newShell(program: SandboxProcess): Shell {
  const lease = { whyGone: async () => undefined };
  return new Shell({
    shellId: 'one',
    callerId: 'a',
    program,
    lease,
    clock: new FakeClock(),
    onForgotten: () => {},
  });
}

describe('Shell frames', () => {
  it('are read as they were written', () => {
    verifies('shells:framing');
    const channels = ['stdin', 'stdout', 'stderr', 'status', 'resize', 'heartbeat', 'close'] as const;
    for (const [index, channel] of channels.entries()) {
      const frame = encodeShellFrame(channel, 'data');
      assert.equal(frame[0], [0, 1, 2, 3, 4, 5, 255][index]);
      assert.deepEqual(decodeShellFrame(frame), { channel, payload: Buffer.from('data') });
    }
    assert.equal(decodeShellFrame(Buffer.alloc(0)), undefined);
    assert.equal(decodeShellFrame(Buffer.of(6, 65)), undefined);
  });

  it('at random reach a program as input and legal sizes, and do nothing else', async () => {
    verifies('wire:fuzzed-framing');
    const random = seededWhole(31_337);
    const program = new FakeProgram();
    const client = new FakeClient();
    const shell = newShell(program);
    void shell.attach(client);
    const typed: Buffer[] = [];
    for (let round = 0; round < fuzzRounds(5_000); round += 1) {
      const bytes = Array.from({ length: random(40) }, () => random(256));
      // Half of them on a channel that there is, a close frame excepted.
      const frame = Buffer.from(random(2) === 0 ? bytes : [random(6), ...bytes]);
      if (frame[0] === 255) continue;
      if (frame[0] === 0) typed.push(frame.subarray(1));
      const decoded = decodeShellFrame(frame);
      if (decoded !== undefined) shell.receive(client, decoded);
    }
    for (const size of ['{"width":1,"height":65535}', '{"width":1.5,"height":2}', '{"width":"1","height":2}'])
      shell.receive(client, { channel: 'resize', payload: Buffer.from(size) });
    program.stdin.end();

    const input = Buffer.concat(await program.stdin.toArray());
    assert.ok(input.equals(Buffer.concat(typed)), 'the input is another');
    assert.deepEqual(program.sizes, [{ columns: 1, rows: 65_535 }]);
    assert.deepEqual(client.closes, []);
  });
});

describe('What a client sends', () => {
  it('is done in order: what is typed behind a change of the size waits for it', async () => {
    verifies('shells:framing');
    const program = new FakeProgram();
    const resized = Promise.withResolvers<void>();
    program.resize = () => resized.promise;
    const client = new FakeClient();
    const shell = newShell(program);
    void shell.attach(client);
    const type = (text: string) => shell.receive(client, { channel: 'stdin', payload: Buffer.from(text) });

    type('a');
    shell.receive(client, { channel: 'resize', payload: Buffer.from('{"width":1,"height":1}') });
    type('b');
    type('c');
    assert.equal(String(program.stdin.read()), 'a');
    resized.reject(new Error('it is gone'));
    await setImmediate();
    type('d');

    assert.equal(String(program.stdin.read()), 'bcd');
  });
});

describe('What a shell writes', () => {
  it('reaches its clients once and in order, however they come and go', async () => {
    verifies('shells:reconnect', 'shells:take-over');
    const random = seededWhole(7);
    const program = new FakeProgram();
    const shell = newShell(program);
    const clients: FakeClient[] = [];
    let written = '';
    for (let round = 0; round < fuzzRounds(300); round += 1) {
      const text = String.fromCharCode(...Array.from({ length: 1 + random(400) }, () => 32 + random(90)));
      written += text;
      program.stdout.write(text, 'latin1');
      const event = random(10);
      if (event === 0) {
        const client = new FakeClient();
        clients.push(client);
        void shell.attach(client);
      } else if (event === 1) clients.at(-1)?.close(1006);
      for (let turns = random(4); turns > 0; turns -= 1) await setImmediate();
    }
    const last = new FakeClient();
    clients.push(last);
    void shell.attach(last);
    program.end(0);
    await last.gone;

    assert.ok(clients.map(({ output }) => output).join('') === written, 'something is lost or came twice');
    assert.deepEqual(last.closes, [1000]);
  });

  it('ends a connection when the shell does not read what it is sent', () => {
    verifies('shells:limits');
    const client = new FakeClient();
    const shell = newShell(new FakeProgram());
    void shell.attach(client);
    const payload = Buffer.alloc(60_000);

    for (let n = 0; client.closes.length === 0; n += 1) {
      assert.ok(n < 20, 'more than a megabyte waits');
      shell.receive(client, { channel: 'stdin', payload });
    }

    assert.deepEqual(client.closes, [1008]);
  });
});

describe('A replay buffer', () => {
  it('keeps the newest bytes and counts the others', () => {
    verifies('shells:reconnect');
    const random = seededWhole(5);
    const buffer = new ReplayBuffer(100);
    let all = '';
    let taken = 0;
    for (let round = 0; round < fuzzRounds(2_000); round += 1) {
      const text = 'x'.repeat(random(60)) + String(round);
      all += text;
      buffer.append(Buffer.from(text));
      if (random(2) === 0) buffer.trim();
      taken += buffer.takeDropped();
      const piece = buffer.peek(1 + random(50)).toString();
      assert.equal(piece, all.slice(taken, taken + piece.length));
      if (random(2) === 0) {
        buffer.consume(piece.length);
        taken += piece.length;
      }
      assert.equal(buffer.sizeBytes, all.length - taken);
    }
  });
});

describe('Shells of a session', () => {
  it('with one id are opened once: who comes meanwhile is told to come again', async () => {
    verifies('shells:refusals');
    const starts: PromiseWithResolvers<SandboxProcess>[] = [];
    const exec = (_spec: ExecSpec) => {
      const start = Promise.withResolvers<SandboxProcess>();
      starts.push(start);
      return start.promise;
    };
    const lease = { sandboxId: 'sb-1', exec, whyGone: async () => undefined } as unknown as SessionLease;
    await using shells = new Shells({ clock: new FakeClock() });
    const claim = (callerId = 'ann') =>
      shells.claim({ lease, shellId: 'one', callerId, signal: new AbortController().signal });

    const first = claim();
    await assert.rejects(claim(), (error) => error instanceof BerthError && error.code === 'conflict');
    starts[0]?.reject(new BerthError('runtime-client-error', 'The image has no program /bin/sh.'));
    await assert.rejects(first, /no program/);
    const second = claim();
    starts[1]?.resolve(new FakeProgram());

    assert.equal(await claim().catch(() => undefined), undefined);
    assert.equal(await second, await claim());
    await assert.rejects(claim('bob'), { code: 'access-denied' });
    assert.equal(starts.length, 2);
  });
});
