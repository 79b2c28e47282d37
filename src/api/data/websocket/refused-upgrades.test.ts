import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { DataPlaneFixture, echoPath, sessionHeader } from '../testing/data-plane-fixture.ts';
import { refusalOf, type WebSocketCall } from '../testing/websocket-client.ts';

const custom = 'X-Amzn-Bedrock-AgentCore-Runtime-Custom-';
const token = 'base64UrlBearerAuthorization';

/** Call, status, error and text of each refusal. */
const refusals: readonly (readonly [name: string, WebSocketCall, number, string, RegExp])[] = [
  [
    'an unproven caller',
    { headers: { authorization: '' } },
    403,
    'MissingAuthenticationTokenException',
    /signed/,
  ],
  [
    'an unknown runtime',
    { path: '/runtimes/other-AbCdEf1234/ws' },
    404,
    'ResourceNotFoundException',
    /other/,
  ],
  [
    'an unknown endpoint',
    { path: `${echoPath}/ws?qualifier=nope` },
    404,
    'ResourceNotFoundException',
    /nope/,
  ],
  ['a short session id', { headers: { [sessionHeader]: 'x' } }, 400, 'ValidationException', /33/],
  [
    'a short session id in the query',
    { path: `${echoPath}/ws?${sessionHeader}=x` },
    400,
    'ValidationException',
    /33/,
  ],
  [
    'two session ids',
    {
      path: `${echoPath}/ws?${sessionHeader}=${'a'.repeat(33)}`,
      headers: { [sessionHeader]: 'b'.repeat(33) },
    },
    400,
    'ValidationException',
    /contradict/,
  ],
  [
    'a query parameter twice',
    { path: `${echoPath}/ws?${custom}A=1&${custom}a=1` },
    400,
    'ValidationException',
    /contradict/,
  ],
  [
    'a value that is no header',
    { path: `${echoPath}/ws?${custom}A=a%0d%0aB:b` },
    400,
    'ValidationException',
    /HTTP header/,
  ],
  [
    'a name that is no header',
    { path: `${echoPath}/ws?${custom}A%20b=a` },
    400,
    'ValidationException',
    /HTTP header/,
  ],
  [
    'a large custom value',
    { path: `${echoPath}/ws?${custom}A=${'a'.repeat(5_000)}` },
    400,
    'ValidationException',
    /4096/,
  ],
  ['another version', { options: { protocolVersion: 8 } }, 400, 'ValidationException', /must be 13/],
  [
    'other sub-protocols',
    { protocols: ['chat'] },
    400,
    'ValidationException',
    /base64UrlBearerAuthorization/,
  ],
  [
    'half a pair of sub-protocols',
    { protocols: [`${token}.YWJj`] },
    400,
    'ValidationException',
    /Offer both/,
  ],
  [
    'a sub-protocol beside the pair',
    { protocols: [`${token}.YWJj`, token, 'chat'] },
    400,
    'ValidationException',
    /Offer both/,
  ],
  ['a token that is none', { protocols: [`${token}.AAAA`, token] }, 400, 'ValidationException', /printable/],
  [
    'a large token',
    { protocols: [`${token}.${'YWFh'.repeat(1_025)}`, token] },
    400,
    'ValidationException',
    /4096/,
  ],
  [
    'a token and a signature',
    { protocols: [`${token}.YWJj`, token], headers: { authorization: 'KEY invoke' } },
    400,
    'ValidationException',
    /one of them/,
  ],
];

describe('a request for a WebSocket', () => {
  for (const [name, call, status, error, message] of refusals) {
    it(`is refused with an ordinary error, and starts nothing, for ${name}`, async () => {
      verifies('websocket:refusals');
      await using fixture = await DataPlaneFixture.open(() => assert.fail('the agent was called'));
      const refusal = await refusalOf(fixture, call);
      assert.deepEqual([refusal.status, refusal.error], [status, error]);
      assert.match(refusal.message, message);
      assert.match(String(refusal.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
      assert.equal(fixture.sessions.driver.starts.length, 0);
      assert.deepEqual(fixture.failures, []);
    });
  }

  it('counts against the rate of the account', async () => {
    verifies('websocket:refusals');
    await using fixture = await DataPlaneFixture.open(() => assert.fail('the agent was called'), {
      invocationRate: 1,
    });
    const path = `${echoPath}/ws/shells`;
    const headers = { authorization: 'KEY admin' };
    const badShell = { path: `${path}?shellId=-`, headers };
    assert.equal((await refusalOf(fixture, badShell)).status, 424);
    assert.equal((await refusalOf(fixture, { path, headers })).status, 429);
  });

  it('needs the right to it', async () => {
    verifies('websocket:refusals');
    await using fixture = await DataPlaneFixture.open(() => assert.fail('the agent was called'));
    const { status, message } = await refusalOf(fixture, { path: `${echoPath}/ws/shells` });
    assert.equal(status, 403);
    assert.match(message, /InvokeAgentRuntimeCommandShell/);
  });

  it('without a proper key is refused', async () => {
    verifies('websocket:refusals');
    await using fixture = await DataPlaneFixture.open(() => assert.fail('the agent was called'));
    const headers = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' };
    for (const key of [undefined, 'c2hvcnQ=', 'x'.repeat(24)]) {
      const { status, body } = await fixture.call({
        method: 'GET',
        path: `${echoPath}/ws`,
        headers: { ...headers, ...(key !== undefined && { 'sec-websocket-key': key }) },
      });
      assert.equal(status, 400);
      assert.match(body, /Sec-WebSocket-Key must be 16 bytes/);
    }
  });

  it('that does not ask for the upgrade is told to', async () => {
    verifies('websocket:refusals');
    await using fixture = await DataPlaneFixture.open(() => assert.fail('the agent was called'));
    const { status, body } = await fixture.call({ method: 'GET', path: `${echoPath}/ws` });
    assert.equal(status, 400);
    assert.match(body, /Upgrade: websocket/);
  });
});
