import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import {
  type Answer,
  type Call,
  DataPlaneFixture,
  echoPath,
  sessionHeader,
} from './testing/data-plane-fixture.ts';

/** An agent that keeps every call until the test answers it. */
class PatientAgent {
  readonly calls: { request: IncomingMessage; response: ServerResponse; body: string }[] = [];
  #waiting = Promise.withResolvers<void>();

  readonly onInvoke = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const call = { request, response, body: await text(request) };
    this.calls.push(call);
    this.#waiting.resolve();
  };

  /** The nth call, as soon as it has come. */
  async call(index: number) {
    for (let call = this.calls[index]; ; call = this.calls[index]) {
      if (call !== undefined) return call;
      await this.#waiting.promise;
      this.#waiting = Promise.withResolvers();
    }
  }
}

const resend: Call = {
  session: 's1',
  body: '{"n":1}',
  claims: true,
  headers: { 'amz-sdk-invocation-id': 'call-1' },
};

test('a caller that goes away is closed upstream at once', async () => {
  verifies('invocations:caller-leaves');
  const agent = new PatientAgent();
  await using fixture = await DataPlaneFixture.open(agent.onInvoke);
  const request = fixture.start({ session: 's1', body: '{}' });
  request.on('error', () => {});
  request.end('{}');
  const call = await agent.call(0);
  const closed = once(call.response, 'close');
  request.destroy();
  await closed;
  assert.equal(call.response.writableFinished, false);
});

test('a caller that goes away in mid-stream is closed upstream at once, whatever its SDK', async () => {
  verifies('invocations:caller-leaves');
  const agent = new PatientAgent();
  await using fixture = await DataPlaneFixture.open(agent.onInvoke);
  const opening = fixture.open(resend);
  const call = await agent.call(0);
  call.response.write('data: 1\n\n');
  const response = await opening;
  const closed = once(call.response, 'close');
  response.destroy();
  await closed;
});

for (const claims of [true, false]) {
  test(`a re-send ${claims ? 'with a signed hash' : 'that is spooled'} gets the answer of the running call, and the agent runs once`, async () => {
    verifies('invocations:re-send', 'invocations:never-twice');
    const agent = new PatientAgent();
    await using fixture = await DataPlaneFixture.open(agent.onInvoke);
    const first = fixture.start({ ...resend, claims });
    first.on('error', () => {});
    first.end(resend.body);
    const call = await agent.call(0);
    first.destroy();
    const again = fixture.call({ ...resend, claims });
    await severalTurns();
    call.response.end('{"once":true}');

    const answer = await again;
    assert.deepEqual([answer.status, answer.body, agent.calls.length], [200, '{"once":true}', 1]);
  });
}

test('an answer that comes while nobody is connected waits for the re-send', async () => {
  verifies('invocations:re-send');
  const agent = new PatientAgent();
  await using fixture = await DataPlaneFixture.open(agent.onInvoke);
  const first = fixture.start(resend);
  first.on('error', () => {});
  first.end(resend.body);
  const call = await agent.call(0);
  await hangUp(first);
  await severalTurns();
  call.response.end('x'.repeat(1_000_000));
  const answer = await fixture.call(resend);
  assert.deepEqual([answer.body.length, agent.calls.length], [1_000_000, 1]);
});

test('a re-send that overtakes the news of the disconnect takes the place of the first', async () => {
  verifies('invocations:re-send');
  const agent = new PatientAgent();
  await using fixture = await DataPlaneFixture.open(agent.onInvoke);
  const first = fixture.call(resend);
  const cut = assert.rejects(first);
  const call = await agent.call(0);
  const again = fixture.call(resend);
  await cut;
  call.response.end('{}');
  assert.equal((await again).status, 200);
  assert.equal(agent.calls.length, 1);
});

test('a re-send whose body comes after the answer has begun is refused, and takes nothing from the first caller', async () => {
  verifies('invocations:re-send', 'invocations:never-twice');
  const agent = new PatientAgent();
  await using fixture = await DataPlaneFixture.open(agent.onInvoke);
  const opening = fixture.open(resend);
  const call = await agent.call(0);
  const again = fixture.start(resend);
  again.write('{"n"');
  await severalTurns();
  call.response.write('the beginning');
  const first = await opening;
  again.end(':1}');
  const [refused] = (await once(again, 'response')) as [IncomingMessage];
  assert.equal(refused.statusCode, 409);
  call.response.end(' and the end');
  assert.equal(await text(first), 'the beginning and the end');
  assert.equal(agent.calls.length, 1);
});

test('other principals, users, sessions and requests are not attached', async () => {
  verifies('invocations:re-send');
  const agent = new PatientAgent();
  await using fixture = await DataPlaneFixture.open(agent.onInvoke);
  const calls = [
    fixture.call(resend),
    fixture.call({ ...resend, headers: { ...resend.headers, 'amz-sdk-invocation-id': 'call-2' } }),
    fixture.call({ ...resend, headers: { ...resend.headers, authorization: 'OTHER invoke' } }),
    fixture.call({ ...resend, session: 's2' }),
    fixture.call({
      ...resend,
      headers: { ...resend.headers, 'x-amzn-bedrock-agentcore-runtime-user-id': 'ann' },
    }),
    fixture.call({ ...resend, body: '{"another":true}' }),
  ];
  for (let index = 0; index < calls.length; index += 1) (await agent.call(index)).response.end();
  assert.deepEqual(
    (await Promise.all(calls)).map(({ status }) => status),
    [200, 200, 200, 200, 200, 200],
  );
});

test('5 s after the disconnect the call is closed upstream, and the session is idle', async () => {
  verifies('invocations:re-send', 'invocations:caller-leaves');
  const agent = new PatientAgent();
  const clock = new FakeClock();
  await using fixture = await DataPlaneFixture.open(agent.onInvoke, { clock });
  const first = fixture.start(resend);
  first.on('error', () => {});
  first.end(resend.body);
  const call = await agent.call(0);
  const closed = once(call.response, 'close');
  await hangUp(first);
  await until(async () => {
    await clock.advance(1_000);
    return call.response.destroyed;
  });
  await closed;
});

test('a missing session id gets one; a bad one is refused and starts nothing', async () => {
  verifies('invocations:session-id', 'invocations:refused-starts-nothing');
  await using fixture = await DataPlaneFixture.open((_request, response) => void response.end('{}'));
  for (const id of ['short', 'x'.repeat(32), 'x'.repeat(257), `has blanks ${'x'.repeat(33)}`]) {
    const answer = await fixture.call({ headers: { [sessionHeader]: id } });
    assert.equal(answer.status, 400, id);
    assert.equal(answer.headers['x-amzn-errortype'], 'ValidationException');
    assert.equal(JSON.parse(answer.body).fieldList[0].name, 'runtimeSessionId');
  }
  assert.equal(fixture.sessions.driver.starts.length, 0);
  const long = await fixture.call({ headers: { [sessionHeader]: 'y'.repeat(256) } });
  assert.equal(long.headers[sessionHeader], 'y'.repeat(256));
  const [one, two] = [await fixture.call({}), await fixture.call({})];
  assert.match(String(one.headers[sessionHeader]), /^[0-9a-f-]{36}$/);
  assert.notEqual(one.headers[sessionHeader], two.headers[sessionHeader]);
});

test('whoever is not proven, not allowed or malformed starts nothing', async () => {
  verifies('invocations:refused-starts-nothing', 'invocations:user-id');
  await using fixture = await DataPlaneFixture.open((_request, response) => void response.end('{}'));
  const refused = async (call: Call, status: number, type: string) => {
    const answer = await fixture.call(call);
    assert.deepEqual([answer.status, answer.headers['x-amzn-errortype']], [status, type]);
    assert.match(String(answer.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
  };
  await refused({ headers: { authorization: '' } }, 403, 'MissingAuthenticationTokenException');
  await refused({ headers: { accept: 'x'.repeat(257) } }, 400, 'ValidationException');
  await refused(
    { headers: { 'x-amzn-bedrock-agentcore-runtime-custom-a': 'x'.repeat(4097) } },
    400,
    'ValidationException',
  );
  await refused(
    { headers: { 'x-amzn-bedrock-agentcore-runtime-user-id': 'x'.repeat(1025) } },
    400,
    'ValidationException',
  );
  await refused({ path: '/runtimes/x/other' }, 404, 'UnknownOperationException');
  assert.equal(fixture.sessions.driver.starts.length, 0);
});

test('a runtime is named by its ARN, an endpoint ARN or its id; anything else is refused', async () => {
  verifies('invocations:targets');
  await using fixture = await DataPlaneFixture.open((_request, response) => void response.end('{}'));
  const arn = decodeURIComponent(echoPath.slice('/runtimes/'.length));
  const statusOf = async (target: string, rest = '/invocations') =>
    (await fixture.call({ session: 's1', path: `/runtimes/${encodeURIComponent(target)}${rest}` })).status;
  assert.equal(await statusOf(arn), 200);
  assert.equal(await statusOf(arn, '/invocations/?qualifier=DEFAULT'), 200);
  assert.equal(await statusOf(`${arn}/runtime-endpoint/DEFAULT`), 200);
  assert.equal(await statusOf('echo-AbCdEf1234', '/invocations?accountId=111122223333'), 200);
  assert.equal(await statusOf('echo-AbCdEf1234', '/invocations?accountId=999999999999'), 404);
  assert.equal(await statusOf('echo-AbCdEf1234', '/invocations?accountId=1'), 400);
  assert.equal(await statusOf(arn, '/invocations?qualifier=nope'), 404);
  assert.equal(await statusOf(`${arn}/runtime-endpoint/DEFAULT`, '/invocations?qualifier=prod'), 400);
  assert.equal(await statusOf(arn.replace('us-east-1', 'eu-west-1')), 404);
  assert.equal(await statusOf(arn.replace('echo-', 'other-')), 404);
  assert.equal(await statusOf('arn:aws:s3:::bucket'), 400);
  assert.equal(await statusOf('not an id'), 400);
  assert.equal((await fixture.call({ session: 's1', path: '/runtimes/%ff/invocations' })).status, 400);
});

test('requests over their rate are 429', async () => {
  verifies('invocations:rate');
  await using fixture = await DataPlaneFixture.open((_request, response) => void response.end('{}'), {
    invocationRate: 1,
  });
  assert.equal((await fixture.call({ session: 's1' })).status, 200);
  const second = await fixture.call({ session: 's1' });
  assert.deepEqual([second.status, second.headers['x-amzn-errortype']], [429, 'ThrottlingException']);
  assert.equal(fixture.sessions.driver.starts.length, 1);
});

test('StopRuntimeSession ends the sandbox, and may be repeated; an unknown id is 404', async () => {
  verifies('invocations:stop', 'sessions:stop');
  await using fixture = await DataPlaneFixture.open((_request, response) => void response.end('{}'));
  const stop = (call: Call): Promise<Answer> =>
    fixture.call({ path: `${echoPath}/stopruntimesession?qualifier=DEFAULT`, ...call });
  await fixture.call({ session: 's1' });
  const token = JSON.stringify({ clientToken: 'a'.repeat(33) });
  for (const claims of [true, false]) {
    const answer = await stop({ session: 's1', body: token, claims });
    assert.equal(answer.status, 200);
    assert.match(String(answer.headers[sessionHeader]), /^s1-+$/);
    assert.deepEqual(fixture.sessions.driver.sandboxes, []);
  }
  assert.equal((await stop({ session: 'never' })).status, 404);
  assert.equal((await stop({})).status, 400);
  assert.equal((await stop({ session: 's1', body: '{"clientToken":"short"}' })).status, 400);
  assert.equal((await stop({ session: 's1', body: '{nonsense' })).status, 400);
  assert.equal(
    (await stop({ session: 's1', path: `${echoPath}/stopruntimesession?qualifier=nope` })).status,
    404,
  );
  assert.equal((await fixture.call({ session: 's1' })).status, 200);
});

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setImmediate(resolve));
}

/** Enough for a small request to come in on loopback; attached later, it would get the same answer. */
async function severalTurns(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

function hangUp(request: ClientRequest): Promise<void> {
  return new Promise((resolve) => {
    request.once('close', resolve).destroy();
  });
}
