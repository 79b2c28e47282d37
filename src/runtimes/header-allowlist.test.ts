import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { headerAllowlistProblem } from './header-allowlist.ts';

const keysOnly = { hasTokenCallers: false };

test("headers of one's own and the Custom- prefix are open", () => {
  verifies('control:header-allowlist');
  const open = [
    'X-Api-Key',
    'X-Custom-Signature',
    'X-Amzn-Bedrock-AgentCore-Runtime-Custom-Tenant',
    'tenant_id',
  ];
  assert.equal(headerAllowlistProblem(open, keysOnly), undefined);
});

test('headers of AWS, of HTTP, of browsers and of proxies are closed, in any case', () => {
  verifies('control:header-allowlist');
  const closed = [
    'Authorization',
    'X-Amz-Date',
    'x-amzn-trace-id',
    'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id',
    'X-Amzn-Bedrock-AgentCore-Runtime-Custom-',
    'HOST',
    'content-length',
    'Transfer-Encoding',
    'Cookie',
    'Sec-WebSocket-Key',
    'X-Forwarded-For',
    'Access-Control-Allow-Origin',
  ];
  for (const name of closed)
    assert.match(headerAllowlistProblem([name], keysOnly) ?? '', /cannot be passed/, name);
});

test('the same header twice is refused', () => {
  assert.match(headerAllowlistProblem(['X-Tenant', 'x-tenant'], keysOnly) ?? '', /listed twice/);
});

test('Authorization is open to a runtime whose callers bring bearer tokens', () => {
  verifies('control:header-allowlist');
  assert.equal(headerAllowlistProblem(['Authorization'], { hasTokenCallers: true }), undefined);
});
