import assert from 'node:assert/strict';
import type { IncomingHttpHeaders } from 'node:http';
import { test } from 'node:test';
import { fuzzRounds, seededWhole } from '../../test/fakes/seeded.ts';
import { verifies } from '../../test/requirements.ts';
import { headerAllowlistProblem } from '../runtimes/header-allowlist.ts';
import type { ServerProtocol } from '../runtimes/runtime.ts';
import { agentRequestHeaders } from './request-headers.ts';
import { callerResponseHeaders } from './response-headers.ts';

const names = [
  ...[
    'authorization',
    'cookie',
    'set-cookie',
    'host',
    'content-length',
    'expect',
    'connection',
    'te',
    'upgrade',
  ],
  ...[
    'transfer-encoding',
    'keep-alive',
    'proxy-authorization',
    'trailer',
    'x-amz-date',
    'x-amz-security-token',
  ],
  ...[
    'x-amzn-errortype',
    'x-amzn-requestid',
    'x-amzn-trace-id',
    'traceparent',
    'baggage',
    'accept',
    'content-type',
  ],
  ...['x-amzn-bedrock-agentcore-runtime-session-id', 'x-amzn-bedrock-agentcore-runtime-user-id'],
  ...['x-amzn-bedrock-agentcore-runtime-custom-a', 'x-amzn-bedrock-agentcore-runtime-request-id'],
  ...['mcp-session-id', 'mcp-name', 'a2a-version', 'www-authenticate', 'strict-transport-security'],
  ...['workloadaccesstoken', 'oauth2callbackurl', 'x-amz-bedrock-agentcore-identity-wat'],
  ...['x-tenant', 'x-other', '__proto__', 'constructor'],
];
const sessionId = 'the-session';

test('whatever headers meet, agents see no credentials and callers nothing that an agent says in the name of the service', () => {
  verifies('invocations:request-headers', 'invocations:response-headers');
  const random = seededWhole(11);
  const one = <T>(all: readonly T[]): T => all[random(all.length)] as T;
  for (let round = 0; round < fuzzRounds(3_000); round += 1) {
    const headers: IncomingHttpHeaders = {};
    for (let count = random(15); count > 0; count -= 1)
      headers[one(names)] = `${one(names)}, ${one(['close', 'v'])}`;
    const listed = [one(names), one(names).toUpperCase()];
    const headerAllowlist = listed.filter(
      (name) => headerAllowlistProblem([name], { hasTokenCallers: true }) === undefined,
    );
    const hasTokenCaller = random(2) === 0;
    const named = new Set((headers.connection ?? '').split(', '));

    const forAgent = agentRequestHeaders({
      headers,
      contentType: one(['application/json', undefined]),
      sizeBytes: 7,
      protocol: one<ServerProtocol>(['HTTP', 'MCP', 'A2A', 'AGUI']),
      sessionId,
      requestId: 'r',
      traceId: 't',
      trace: undefined,
      headerAllowlist,
      hasTokenCaller,
    });
    for (const [name, value] of Object.entries(forAgent)) {
      const isOwn =
        ['content-length', 'content-type', 'accept'].includes(name) ||
        /session-id|request-id|trace-id/.test(name);
      if (isOwn) continue;
      assert.ok(
        !/^(workloadaccesstoken|oauth2callbackurl|cookie|host|expect|connection|te|upgrade|keep-alive|proxy-|trailer|transfer-|x-amz-)/.test(
          name,
        ),
        name,
      );
      assert.ok(
        name !== 'authorization' || (hasTokenCaller && /authorization/i.test(headerAllowlist.join())),
        name,
      );
      assert.ok(!named.has(name) && value === headers[name], name);
    }
    assert.equal(forAgent['x-amzn-bedrock-agentcore-runtime-session-id'], sessionId);
    assert.ok(!('x-amzn-bedrock-agentcore-runtime-user-id' in forAgent));

    const pairs = callerResponseHeaders({
      agent: headers,
      request: {},
      sessionId,
      requestId: 'r',
      traceId: 't',
      protocolHeaders: ['mcp-session-id', 'm'],
    });
    const valuesOf = (name: string) =>
      pairs.filter((_, index) => index % 2 === 1 && pairs[index - 1] === name);
    assert.deepEqual(valuesOf('x-amzn-bedrock-agentcore-runtime-session-id'), [sessionId]);
    assert.deepEqual(valuesOf('mcp-session-id'), ['m']);
    assert.deepEqual(valuesOf('x-amzn-requestid'), ['r']);
    for (const name of [
      'set-cookie',
      'x-amzn-errortype',
      'www-authenticate',
      'strict-transport-security',
      'connection',
    ])
      assert.deepEqual(valuesOf(name), [], name);
  }
});
