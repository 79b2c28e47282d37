import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, it, test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { ServerProtocol } from '../../runtimes/runtime.ts';
import { BerthError, type ErrorCode } from '../../shared/errors.ts';
import { toProtocolError } from './protocol-errors.ts';
import { DataPlaneFixture } from './testing/data-plane-fixture.ts';

/** Contract 1.6: HTTP status; then status and code of MCP, A2A and AG-UI. No code: a plain HTTP error. */
const table: readonly [ErrorCode, number, [number, number], [number, number?], [number, string]][] = [
  ['unauthorized', 401, [401, -32001], [401], [401, 'UNAUTHORIZED']],
  ['access-denied', 403, [403, -32002], [403], [403, 'ACCESS_DENIED']],
  ['missing-authentication', 403, [403, -32002], [403], [403, 'ACCESS_DENIED']],
  ['unrecognized-client', 403, [403, -32002], [403], [403, 'ACCESS_DENIED']],
  ['invalid-signature', 403, [403, -32002], [403], [403, 'ACCESS_DENIED']],
  ['throttled', 429, [200, -32003], [429, -32053], [429, 'RATE_LIMIT_EXCEEDED']],
  ['quota-exceeded', 402, [200, -32003], [429, -32053], [429, 'SERVICE_QUOTA_EXCEEDED']],
  ['not-found', 404, [200, -32004], [404, -32051], [500, 'INTERNAL_ERROR']],
  ['conflict', 409, [200, -32005], [409, -32054], [409, 'SESSION_BUSY']],
  ['retryable-conflict', 409, [200, -32005], [409, -32054], [409, 'SESSION_BUSY']],
  ['validation', 400, [200, -32006], [400, -32052], [400, 'VALIDATION_ERROR']],
  ['runtime-client-error', 424, [200, -32010], [424, -32055], [200, 'AGENT_ERROR']],
  ['not-acceptable', 406, [406, -32011], [500, -32603], [500, 'INTERNAL_ERROR']],
  ['unavailable', 503, [200, -32603], [500, -32603], [500, 'INTERNAL_ERROR']],
  ['not-implemented', 501, [200, -32603], [500, -32603], [500, 'INTERNAL_ERROR']],
  ['unknown-operation', 404, [200, -32603], [500, -32603], [500, 'INTERNAL_ERROR']],
  ['internal', 500, [200, -32603], [500, -32603], [500, 'INTERNAL_ERROR']],
];

describe('an error of an invocation', () => {
  const told = (code: ErrorCode, protocol: ServerProtocol, method = 'POST') =>
    toProtocolError(new BerthError(code, 'Told.'), {
      requestId: 'r-1',
      failures: { unexpected: () => {} },
      protocol,
      method,
      rpcId: 7,
    });

  for (const [code, http, mcp, a2a, agui] of table) {
    it(`${code} has the form of each protocol`, () => {
      verifies('invocations:error-forms');
      const message = code === 'internal' ? JSON.parse(told(code, 'HTTP').body).message : 'Told.';
      assert.deepEqual(
        [told(code, 'HTTP').status, JSON.parse(told(code, 'HTTP').body).message],
        [http, message],
      );

      const error = (rpcCode: number) => ({ jsonrpc: '2.0', id: 7, error: { code: rpcCode, message } });
      const ofMcp = told(code, 'MCP');
      assert.deepEqual([ofMcp.status, JSON.parse(ofMcp.body)], [mcp[0], error(mcp[1])]);
      assert.equal(told(code, 'MCP', 'GET').status, http);

      const ofA2a = told(code, 'A2A');
      const [status, rpcCode] = a2a;
      assert.equal(ofA2a.status, status);
      assert.deepEqual(JSON.parse(ofA2a.body), rpcCode === undefined ? { message } : error(rpcCode));

      const ofAgui = told(code, 'AGUI');
      const event = JSON.stringify({ type: 'RUN_ERROR', message, code: agui[1] });
      assert.deepEqual([ofAgui.status, ofAgui.body], [agui[0], `data: ${event}\n\n`]);
      assert.equal(ofAgui.headers['content-type'], 'text/event-stream');

      for (const answer of [ofMcp, ofA2a, ofAgui]) {
        assert.equal(answer.headers['x-amzn-requestid'], 'r-1');
        assert.equal(answer.headers['x-amzn-errortype'], told(code, 'HTTP').headers['x-amzn-errortype']);
      }
    });
  }
});

const accept = 'application/json, text/event-stream';
const message = JSON.stringify({ jsonrpc: '2.0', id: 'call-9', method: 'x' });

/** What each protocol's caller gets for the same mistakes. */
async function refusalsOf(protocol: ServerProtocol) {
  const agent = async (request: IncomingMessage, response: ServerResponse) => {
    await text(request);
    response.writeHead(500).end();
  };
  await using fixture = await DataPlaneFixture.open(agent, { protocol, invocationRate: 2 });
  const call = (headers: Record<string, string>) =>
    fixture.call({ session: 's1', body: message, headers: { accept, ...headers } });
  const unsigned = await call({ authorization: 'none' });
  const malformed = await call({ traceparent: 'x'.repeat(200) });
  const failed = await call({});
  await call({});
  const throttled = await call({});
  return [unsigned, malformed, failed, throttled];
}

test('callers are refused in the form of the protocol', async () => {
  verifies('invocations:error-forms');
  const statusesOf = async (protocol: ServerProtocol) =>
    (await refusalsOf(protocol)).map(({ status }) => status);
  assert.deepEqual(await statusesOf('HTTP'), [403, 400, 424, 429]);
  assert.deepEqual(await statusesOf('AGUI'), [403, 400, 200, 429]);
  for (const protocol of ['MCP', 'A2A'] as const) {
    const refusals = await refusalsOf(protocol);
    const codes = refusals.map(({ body }) => JSON.parse(body).error?.code);
    const ids = refusals.map(({ body }) => JSON.parse(body).id);
    if (protocol === 'MCP') {
      assert.deepEqual(codes, [-32002, -32006, -32010, -32003]);
      assert.deepEqual(ids, Array(4).fill('call-9'));
    } else {
      assert.deepEqual(codes, [undefined, -32052, -32055, -32053]);
      assert.deepEqual(ids.slice(1), Array(3).fill('call-9'));
    }
  }
});

test('an upload that never comes is not waited for to learn its id', async () => {
  verifies('invocations:error-forms');
  await using fixture = await DataPlaneFixture.open((_request, response) => void response.end(), {
    protocol: 'MCP',
  });
  const headers = { authorization: 'none', accept, 'content-length': 10 };
  const request = fixture.start({ headers });
  request.flushHeaders();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  assert.equal(response.statusCode, 403);
  request.destroy();
});

test('other agents than MCP servers take only POST', async () => {
  verifies('invocations:methods');
  await using fixture = await DataPlaneFixture.open((_request, response) => void response.end());
  for (const method of ['GET', 'DELETE']) {
    const { status, headers } = await fixture.call({ session: 's1', method });
    assert.deepEqual([status, headers['x-amzn-errortype']], [404, 'UnknownOperationException']);
  }
  assert.equal(fixture.sessions.driver.starts.length, 0);
});
