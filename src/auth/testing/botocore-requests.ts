import type { AccountId } from '../../shared/ids.ts';
import type { SecretAccessKey } from '../access-keys.ts';

/** Requests signed by botocore 1.44.5 on 2027-01-15 at 08:00:00 UTC with the key below; none carries x-amz-content-sha256. */
const botocoreKey = { id: 'AKIAABCDEFGHIJKLMNOP', secret: 'berth/test/secret/0123456789abcdefghijkl' };

/** The same, as this server has it. */
export const botocoreAccessKey: SecretAccessKey = {
  ...botocoreKey,
  accountId: '111122223333' as AccountId,
  region: 'us-east-1',
  role: 'admin',
  name: 'test',
  createdAtMs: 0,
  revokedAtMs: undefined,
};

export const botocoreRequests = [
  {
    name: 'an invocation with an encoded ARN',
    method: 'POST',
    rawUrl:
      '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A111122223333%3Aruntime%2Fmy_agent-AbCdEf1234/invocations?qualifier=DEFAULT',
    body: '{"prompt":"hi"}',
    headers: {
      host: '127.0.0.1:4700',
      'x-amzn-bedrock-agentcore-runtime-session-id': '0b4ce1f2-6f1c-4d6f-9d54-4c7c2d9e7a31',
      'content-type': 'application/json',
      'x-amz-date': '20270115T080000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAABCDEFGHIJKLMNOP/20270115/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amzn-bedrock-agentcore-runtime-session-id, Signature=d777c46017c64c06e1ce138a7c254212fef9573043e482a50cc10309191b0c9b',
    },
  },
  {
    name: 'a list by POST without a body',
    method: 'POST',
    rawUrl: '/runtimes/',
    body: '',
    headers: {
      host: '127.0.0.1:4700',
      'x-amz-date': '20270115T080000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAABCDEFGHIJKLMNOP/20270115/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host;x-amz-date, Signature=024846fbb4ab7424ec88eff429453497d531828f315122e1638b6f13f74ae4e8',
    },
  },
  {
    name: 'repeated query keys',
    method: 'DELETE',
    rawUrl:
      '/tags/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A111122223333%3Aruntime%2Fmy_agent-AbCdEf1234?tagKeys=b%20c&tagKeys=a&tagKeys=%C3%A9~',
    body: '',
    headers: {
      host: '127.0.0.1:4700',
      'x-amz-date': '20270115T080000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAABCDEFGHIJKLMNOP/20270115/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host;x-amz-date, Signature=ca362c7d6ef04be67cbba3857374b29bf5bae62ff02c5dc12f8bf6167cf0485c',
    },
  },
  {
    name: 'an encoded slash in a label',
    method: 'GET',
    rawUrl: '/actors/a%2Fb%20c',
    body: '',
    headers: {
      host: '127.0.0.1:4700',
      'x-amz-date': '20270115T080000Z',
      authorization:
        'AWS4-HMAC-SHA256 Credential=AKIAABCDEFGHIJKLMNOP/20270115/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host;x-amz-date, Signature=6fc78aaaa4c3b7a73c3640fe9a729e708063bd781f113264c01643a32f09655d',
    },
  },
] as const;

/** Presigned by botocore 1.44.8 (SigV4QueryAuth) at the same time with the same key. */
export const botocorePresigned = [
  {
    name: 'a WebSocket, as the AgentCore SDK for Python does',
    method: 'GET',
    rawUrl:
      '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A111122223333%3Aruntime%2Fmy_agent-AbCdEf1234/ws?qualifier=DEFAULT&X-Amzn-Bedrock-AgentCore-Runtime-Custom-Colour=dark%20red&X-Amzn-Bedrock-AgentCore-Runtime-Session-Id=0b4ce1f2-6f1c-4d6f-9d54-4c7c2d9e7a31&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAABCDEFGHIJKLMNOP%2F20270115%2Fus-east-1%2Fbedrock-agentcore%2Faws4_request&X-Amz-Date=20270115T080000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=host&X-Amz-Signature=664f65f7ae457710f496145816644c682ce1c5c57af1cb25426669e8bd8497be',
    body: '',
    headers: { host: 'bedrock-agentcore.us-east-1.amazonaws.com' },
  },
  {
    name: 'a list by POST without a body',
    method: 'POST',
    rawUrl:
      '/runtimes/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAABCDEFGHIJKLMNOP%2F20270115%2Fus-east-1%2Fbedrock-agentcore%2Faws4_request&X-Amz-Date=20270115T080000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=bf1e28db09978ee7309603cfda672f4b07a376a6850dfbb24807c1ad6d63ef97',
    body: '',
    headers: { host: '127.0.0.1:4700' },
  },
  {
    name: 'an invocation with a body and a signed header',
    method: 'POST',
    rawUrl:
      '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A111122223333%3Aruntime%2Fmy_agent-AbCdEf1234/invocations?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAABCDEFGHIJKLMNOP%2F20270115%2Fus-east-1%2Fbedrock-agentcore%2Faws4_request&X-Amz-Date=20270115T080000Z&X-Amz-Expires=300&X-Amz-SignedHeaders=content-type%3Bhost&X-Amz-Signature=e4218e5edf55e66a7e2641220fa265c0c182f3f2eaa5268284241a51aa6cbac3',
    body: '{"prompt":"hi"}',
    headers: { host: '127.0.0.1:4700', 'content-type': 'application/json' },
  },
] as const;
