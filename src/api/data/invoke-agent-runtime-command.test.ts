import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { sessionNamed } from '../../sessions/testing/sessions-fixture.ts';
import { eventStreamType, readEventStream, type StreamMessage } from '../../shared/event-stream.ts';
import { type Call, DataPlaneFixture, echoPath, sessionHeader } from './testing/data-plane-fixture.ts';

/** A request to run a command, of the session `s1` unless said otherwise. */
function command(
  command: unknown,
  { timeout, ...changes }: Omit<Call, 'timeout'> & { readonly timeout?: unknown } = {},
): Call {
  return {
    session: 's1',
    path: `${echoPath}/commands`,
    body: JSON.stringify({ command, timeout }),
    ...changes,
    headers: { authorization: 'KEY admin', 'content-type': 'application/json', ...changes.headers },
  };
}

function open(options = {}): Promise<DataPlaneFixture> {
  return DataPlaneFixture.open((_request, response) => response.end('answered'), options);
}

async function run(fixture: DataPlaneFixture, call: Call): Promise<readonly unknown[]> {
  const response = await fixture.open(call);
  assert.equal(response.statusCode, 200);
  return (await Array.fromAsync(readEventStream(response))).map(({ content }) => content);
}

/** What was written, and how it ended. */
function outcome(events: readonly unknown[]) {
  const seen = { stdout: '', stderr: '', stop: undefined as unknown };
  for (const event of events as {
    contentDelta?: { stdout?: string; stderr?: string };
    contentStop?: unknown;
  }[]) {
    seen.stdout += event.contentDelta?.stdout ?? '';
    seen.stderr += event.contentDelta?.stderr ?? '';
    seen.stop = event.contentStop;
  }
  return seen;
}

/** The frames of a stream one by one. */
async function next(frames: AsyncGenerator<StreamMessage>): Promise<StreamMessage> {
  const { value } = await frames.next();
  assert.ok(value !== undefined, 'the stream has ended');
  return value as StreamMessage;
}

describe('InvokeAgentRuntimeCommand', { timeout: 180_000 }, () => {
  it('streams what a command writes and says how it ended', async () => {
    verifies('commands:stream', 'commands:session');
    await using fixture = await open();

    const response = await fixture.open(command('echo out; echo err >&2; exit 3'));

    assert.equal(response.statusCode, 200);
    assert.equal(response.headers['content-type'], eventStreamType);
    assert.equal(response.headers[sessionHeader], sessionNamed('s1'));
    assert.match(String(response.headers['x-amzn-trace-id']), /^Root=1-/);
    const messages = await Array.fromAsync(readEventStream(response));
    assert.deepEqual(new Set(messages.map(({ kind, type }) => `${kind} ${type}`)), new Set(['event chunk']));
    const contents = messages.map(({ content }) => content);
    assert.deepEqual(contents[0], { contentStart: {} });
    assert.deepEqual(outcome(contents), {
      stdout: 'out\n',
      stderr: 'err\n',
      stop: { exitCode: 3, status: 'COMPLETED' },
    });
    assert.equal(fixture.sessions.driver.starts.length, 1);
  });

  it('hands output on as it comes', async () => {
    verifies('commands:stream');
    await using fixture = await open();
    const folder = await mkdtemp(join(tmpdir(), 'berth-command-'));
    const gate = join(folder, 'gate');

    const response = await fixture.open(command(`mkfifo ${gate}; echo first; cat ${gate}; echo last`));
    const frames = readEventStream(response);
    await next(frames);
    const first = await next(frames);
    await writeFile(gate, 'opened ');
    const rest = (await Array.fromAsync(frames)).map(({ content }) => content);

    assert.deepEqual(first.content, { contentDelta: { stdout: 'first\n' } });
    assert.equal(outcome(rest).stdout, 'opened last\n');
    await rm(folder, { recursive: true });
  });

  it('never splits a character, bounds each piece and replaces what is no text', async () => {
    verifies('commands:text');
    await using fixture = await open();
    const program = `const text = 'ä€😀'.repeat(50000); process.stdout.write(Buffer.concat([Buffer.from(text), Buffer.from([0xff, 10])]))`;

    const events = await run(fixture, command(`'${process.execPath}' -e "${program}"`));

    assert.ok(outcome(events).stdout === `${'ä€😀'.repeat(50_000)}\uFFFD\n`, 'the text is another');
    for (const event of events as { contentDelta?: { stdout: string } }[])
      assert.ok(Buffer.byteLength(event.contentDelta?.stdout ?? '') <= 65_536);
  });

  it('holds a command back whose caller does not read', async () => {
    verifies('commands:back-pressure');
    await using fixture = await open();
    const size = 20_000_000;

    const response = await fixture.open(command(`head -c ${size} /dev/zero | tr '\\0' x; echo done >&2`));
    response.pause();
    const [program] = fixture.sessions.driver.execs;
    const isHeld = await Promise.race([program?.exit.then(() => false), untilFull(program?.stdout)]);
    const events = (await Array.fromAsync(readEventStream(response))).map(({ content }) => content);

    assert.equal(isHeld, true);
    assert.equal(outcome(events).stdout.length, size);
    assert.equal(outcome(events).stderr, 'done\n');
  });

  it('refuses commands and times beyond their bounds, and starts nothing for them', async () => {
    verifies('commands:bounds', 'commands:errors');
    await using fixture = await open();
    const bad: readonly (readonly [Call, RegExp])[] = [
      [command(undefined), /body\.command/],
      [command(''), /body\.command/],
      [command('x'.repeat(65_537)), /body\.command/],
      [command('a\0b'), /NUL/],
      [command('true', { timeout: 0 }), /from 1 to 3600/],
      [command('true', { timeout: 3_601 }), /from 1 to 3600/],
      [command('true', { timeout: 'soon' }), /body\.timeout/],
      [command('true', { body: '{' }), /JSON/],
      [command('true', { body: ' '.repeat(600_000) }), /524288 bytes/],
      [command('true', { headers: { [sessionHeader]: 'short' } }), /runtimeSessionId/],
    ];
    for (const [call, message] of bad) {
      const answer = await fixture.call(call);
      assert.deepEqual([answer.status, answer.headers['x-amzn-errortype']], [400, 'ValidationException']);
      assert.match(answer.body, message);
    }
    assert.equal(fixture.sessions.driver.starts.length, 0);
    const longest = await run(fixture, command(`: ${'x'.repeat(65_534)}`, { timeout: 3_600 }));
    assert.deepEqual(outcome(longest).stop, { exitCode: 0, status: 'COMPLETED' });
  });

  it('kills a command that takes too long, with all that it started', async () => {
    verifies('commands:timeout');
    const clock = new FakeClock();
    await using fixture = await open({ clock });

    for (const [timeout, ms] of [
      [7, 7_000],
      [undefined, 300_000],
    ] as const) {
      const frames = readEventStream(await fixture.open(command('sleep 1000 & sleep 1000', { timeout })));
      await next(frames);
      await clock.advance(ms - 1);
      assert.equal(fixture.sessions.driver.execs.length, 1);
      await clock.advance(1);
      const rest = (await Array.fromAsync(frames)).map(({ content }) => content);
      assert.deepEqual(outcome(rest).stop, { exitCode: -1, status: 'TIMED_OUT' });
      assert.equal(fixture.sessions.driver.execs.length, 0);
    }
  });

  it('gives the session back when the time is over, although its caller does not read', async () => {
    verifies('commands:timeout', 'commands:background');
    const clock = new FakeClock();
    await using fixture = await open({ clock });
    const response = await fixture.open(command('cat /dev/zero', { timeout: 7 }));
    await next(readEventStream(response));
    response.pause();
    await new Promise((resolve) => setTimeout(resolve, 200));
    await clock.advance(7_000);
    await clock.advance(2_000);
    while (fixture.sessions.driver.execs.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    // Only now does it leave.
    response.destroy();
    await once(response, 'close');
    await new Promise((resolve) => setTimeout(resolve, 50));
  });

  it('ends a command that writes too much', async () => {
    verifies('commands:output-limit', 'commands:errors');
    await using fixture = await open();

    const response = await fixture.open(command(`tr '\\0' x < /dev/zero`));
    let last: StreamMessage | undefined;
    for await (const message of readEventStream(response)) last = message;

    assert.equal(last?.kind, 'exception');
    assert.equal(last.type, 'serviceQuotaExceededException');
    assert.match(JSON.stringify(last.content), /100000000 bytes/);
    assert.equal(fixture.sessions.driver.execs.length, 0);
  });

  it('kills a command whose caller goes away', async () => {
    verifies('commands:caller-left');
    await using fixture = await open();

    const response = await fixture.open(command('sleep 1000 & sleep 1000'));
    await next(readEventStream(response));
    const [program] = fixture.sessions.driver.execs;
    response.destroy();

    assert.equal(await program?.exit, 137);
  });

  it('runs beside invocations in the same sandbox, and keeps the session from being idle', async () => {
    verifies('commands:session');
    const clock = new FakeClock();
    await using fixture = await open({ clock });
    const frames = readEventStream(await fixture.open(command('sleep 1000', { timeout: 3_600 })));
    await next(frames);

    const answer = await fixture.call({ session: 's1', path: `${echoPath}/invocations`, body: '{}' });
    await clock.advance(3_500_000);

    assert.equal(answer.body, 'answered');
    assert.equal(fixture.sessions.driver.starts.length, 1);
    assert.equal(fixture.sessions.driver.removals.length, 0);
    await fixture.sessions.driver.execs[0]?.kill('SIGTERM');
    const rest = (await Array.fromAsync(frames)).map(({ content }) => content);
    assert.deepEqual(outcome(rest).stop, { exitCode: 143, status: 'COMPLETED' });
  });

  it('is for administrators, not for those who only invoke', async () => {
    verifies('commands:permission');
    await using fixture = await open();

    const answer = await fixture.call(command('true', { headers: { authorization: 'KEY invoke' } }));

    assert.deepEqual([answer.status, answer.headers['x-amzn-errortype']], [403, 'AccessDeniedException']);
    assert.match(answer.body, /bedrock-agentcore:InvokeAgentRuntimeCommand/);
    assert.equal(fixture.sessions.driver.starts.length, 0);
  });

  it('says in the stream that the sandbox went away, and before it what cannot start', async () => {
    verifies('commands:errors');
    await using fixture = await open();
    const frames = readEventStream(await fixture.open(command('sleep 1000')));
    await next(frames);
    const [sandbox] = fixture.sessions.driver.sandboxes;

    if (sandbox !== undefined) await fixture.sessions.driver.exit(sandbox.id);
    const last = await next(frames);

    assert.deepEqual([last.kind, last.type], ['exception', 'runtimeClientError']);
    const elsewhere = await fixture.call(
      command('true', { path: `${echoPath.replace('echo', 'nobody')}/commands` }),
    );
    assert.equal(elsewhere.headers['x-amzn-errortype'], 'ResourceNotFoundException');
  });
});

/** Resolves when nobody takes what a program writes. */
async function untilFull(stream: Readable | undefined): Promise<boolean> {
  assert.ok(stream !== undefined);
  while (stream.readableLength < stream.readableHighWaterMark) await setImmediate();
  return true;
}
