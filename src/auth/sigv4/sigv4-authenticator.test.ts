import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import { verifies } from '../../../test/requirements.ts';
import type { RequestHead } from '../authenticator.ts';
import {
  botocoreAccessKey as key,
  botocorePresigned,
  botocoreRequests,
} from '../testing/botocore-requests.ts';
import { SigV4Authenticator } from './sigv4-authenticator.ts';

const signedAt = new Date('2027-01-15T08:00:00Z');
const minute = 60_000;
const host = '127.0.0.1:4700';
const path =
  '/runtimes/arn%3Aaws%3Abedrock-agentcore%3Aus-east-1%3A111122223333%3Aruntime%2Fa-AbCdEf1234/invocations';

function authenticatorAt(nowMs = signedAt.getTime(), hostPorts: readonly number[] = []) {
  const accessKeys = { find: async (id: string) => (id === key.id ? key : undefined) };
  return new SigV4Authenticator({ accessKeys, clock: { now: () => nowMs }, region: 'us-east-1', hostPorts });
}

interface Signing {
  readonly body?: string;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
  readonly region?: string;
  readonly service?: string;
  readonly accessKeyId?: string;
  readonly sessionToken?: string;
}

/** As the AWS SDK for JavaScript does it. */
async function sign(signing: Signing = {}): Promise<RequestHead & { headers: Record<string, string> }> {
  const { body = '{"prompt":"hi"}', query = { qualifier: 'DEFAULT' }, headers = {} } = signing;
  const { region = 'us-east-1', service = 'bedrock-agentcore', accessKeyId = key.id, sessionToken } = signing;
  const signer = new SignatureV4({
    credentials: {
      accessKeyId,
      secretAccessKey: key.secret,
      ...(sessionToken !== undefined && { sessionToken }),
    },
    region,
    service,
    sha256: Sha256,
  });
  const request = { method: 'POST', protocol: 'http:', hostname: '127.0.0.1', path, query, body };
  const signed = await signer.sign({ ...request, headers: { host, ...headers } }, { signingDate: signedAt });
  const pairs = Object.entries(query).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}=${encodeURIComponent(one)}`),
  );
  return { method: 'POST', rawUrl: `${path}?${pairs.join('&')}`, headers: signed.headers };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function refusal(head: RequestHead, code: string, message: RegExp, authenticator = authenticatorAt()) {
  return assert.rejects(authenticator.begin(head), { code, message });
}

describe('AWS Signature Version 4', () => {
  it('accepts what the AWS SDK for JavaScript signs, and knows the body by its hash', async () => {
    verifies('auth:sdk-signatures');
    const head = await sign({
      query: { tagKeys: ['b c', 'a'], q: "*'!é" },
      headers: { 'x-amz-user-agent': '  a   b ' },
    });
    const pending = await authenticatorAt().begin(head);
    assert.equal(pending.claimedBodySha256, sha256('{"prompt":"hi"}'));
    const { id, name, role, accountId, region } = key;
    assert.deepEqual(pending.verifyBody(sha256('{"prompt":"hi"}')), {
      kind: 'access-key',
      accessKeyId: id,
      keyName: name,
      role,
      limits: undefined,
      accountId,
      region,
    });
    assert.throws(() => pending.verifyBody(sha256('{"prompt":"ho"}')), { code: 'invalid-signature' });
  });

  for (const { name, method, rawUrl, body, headers } of botocoreRequests) {
    it(`accepts what botocore signs: ${name}`, async () => {
      verifies('auth:sdk-signatures');
      const pending = await authenticatorAt().begin({ method, rawUrl, headers });
      assert.equal(pending.claimedBodySha256, undefined);
      assert.equal(pending.verifyBody(sha256(body)).accessKeyId, key.id);
      assert.throws(() => pending.verifyBody(sha256(`${body}x`)), { code: 'invalid-signature' });
    });
  }

  it('refuses a request that was changed on its way', async () => {
    verifies('auth:tampering');
    const head = await sign();
    const changes: Partial<RequestHead>[] = [
      { method: 'PUT' },
      { rawUrl: head.rawUrl.replace('AbCdEf1234', 'AbCdEf1235') },
      { rawUrl: `${head.rawUrl}&qualifier=prod` },
      { headers: { ...head.headers, 'x-amz-content-sha256': sha256('other') } },
      { headers: { ...head.headers, host: 'example.com' } },
      { headers: { ...head.headers, 'x-amz-date': '20270115T080001Z' } },
    ];
    for (const change of changes)
      await refusal({ ...head, ...change }, 'invalid-signature', /secret of access key/);
  });

  it('refuses a user that came beside the signature', async () => {
    verifies('auth:tampering');
    const name = 'x-amzn-bedrock-agentcore-runtime-user-id';
    await authenticatorAt().begin(await sign({ headers: { [name]: 'ann' } }));
    const head = await sign();
    await refusal(
      { ...head, headers: { ...head.headers, [name]: 'ann' } },
      'invalid-signature',
      new RegExp(`must name these headers too: ${name}`),
    );
  });

  it('lets clients leave unsigned what the AgentCore SDKs do: the session of WebSockets, and workload tokens', async () => {
    verifies('auth:sdk-signatures');
    for (const name of [
      'x-amzn-bedrock-agentcore-runtime-session-id',
      'x-amz-bedrock-agentcore-identity-wat',
      'workloadaccesstoken',
    ]) {
      const head = await sign();
      await authenticatorAt().begin({ ...head, headers: { ...head.headers, [name]: 's'.repeat(33) } });
    }
  });

  it('refuses a wrong secret without telling the right signature', async () => {
    const head = await sign();
    const authorization = (head.headers['authorization'] ?? '').replace(/Signature=\w{4}/, 'Signature=0000');
    await refusal(
      { ...head, headers: { ...head.headers, authorization } },
      'invalid-signature',
      /^(?!.*[0-9a-f]{64})/,
    );
  });

  it('judges the age by five minutes at the arrival of the head', async () => {
    verifies('auth:skew');
    const head = await sign();
    const at = (minutes: number) => authenticatorAt(signedAt.getTime() + minutes * minute);
    for (const minutes of [-5, 0, 5]) await at(minutes).begin(head);
    await refusal(head, 'invalid-signature', /Signature expired.*20270115T080000Z/, at(5.001));
    await refusal(head, 'invalid-signature', /not yet current/, at(-5.001));
    await refusal(
      { ...head, headers: { ...head.headers, 'x-amz-date': 'now' } },
      'invalid-signature',
      /YYYYMMDDTHHMMSSZ/,
    );
  });

  it('says which region, service or day was expected', async () => {
    verifies('auth:scope');
    await refusal(
      await sign({ region: 'eu-west-1' }),
      'invalid-signature',
      /'eu-west-1'.*AWS_REGION=us-east-1/,
    );
    await refusal(await sign({ service: 's3' }), 'invalid-signature', /'s3'; expected 'bedrock-agentcore'/);
    const head = await sign();
    const authorization = (head.headers['authorization'] ?? '').replace('/20270115/', '/20270114/');
    await refusal(
      { ...head, headers: { ...head.headers, authorization } },
      'invalid-signature',
      /not the day/,
    );
  });

  it('does not know other keys, nor session tokens', async () => {
    verifies('auth:unknown-key');
    await refusal(await sign({ accessKeyId: 'AKIAOTHER' }), 'unrecognized-client', /no access key AKIAOTHER/);
    await refusal(await sign({ sessionToken: 'x' }), 'unrecognized-client', /Unset AWS_SESSION_TOKEN/);
  });

  it('tells unsigned callers what to do', async () => {
    verifies('auth:unsigned');
    await refusal({ method: 'GET', rawUrl: '/', headers: { host } }, 'missing-authentication', /not signed/);
  });

  it('refuses headers of other forms', async () => {
    verifies('auth:malformed');
    const head = await sign();
    const good = head.headers['authorization'] ?? '';
    const withHeader = (name: string, value: string) => ({
      ...head,
      headers: { ...head.headers, [name]: value },
    });
    for (const authorization of [
      'Basic YTpi',
      'AWS4-HMAC-SHA256',
      'AWS4-ECDSA-P256-SHA256 Credential=a',
      good.replace('aws4_request', 'aws4'),
      good.replace(/Signature=\w+/, 'Signature=zz'),
      good.replace('Signature=', 'Credential=a, Signature='),
      good.replace('host;', ''),
      good.replace('host;', 'absent;host;'),
      `${good}${' '.repeat(9_000)}`,
    ]) {
      await refusal(withHeader('authorization', authorization), 'invalid-signature', /./);
    }
    await refusal(
      withHeader('authorization', 'Bearer abc'),
      'access-denied',
      /different authorization token type/,
    );
    for (const form of ['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD']) {
      await refusal(withHeader('x-amz-content-sha256', form), 'invalid-signature', /not accepted/);
    }
    const rawHeaders = ['Authorization', good, 'authorization', good];
    await refusal({ ...head, rawHeaders }, 'invalid-signature', /more than one Authorization/);
  });

  it('verifies against Host as it arrived, with or without the port that was signed', async () => {
    verifies('auth:host');
    const head = await sign();
    await authenticatorAt(undefined, [443, 4700]).begin({
      ...head,
      headers: { ...head.headers, host: '127.0.0.1' },
    });
    const bare = await sign({ headers: { host: '127.0.0.1' } });
    await authenticatorAt().begin({ ...bare, headers: { ...bare.headers, host } });
  });

  it('takes a Host that arrives twice, if it is the same one', async () => {
    verifies('auth:host');
    const head = await sign();
    const rawHeaders = [...Object.entries(head.headers).flat(), 'Host', host];
    await authenticatorAt().begin({ ...head, rawHeaders });
    const other = [...Object.entries(head.headers).flat(), 'Host', 'example.com'];
    await refusal({ ...head, rawHeaders: other }, 'invalid-signature', /secret of access key/);
  });
});

/** As the AgentCore SDK for JavaScript does it: the host without its port. */
async function presign(
  changes: {
    expiresIn?: number;
    query?: Record<string, string>;
    headers?: Record<string, string>;
    sessionToken?: string;
  } = {},
) {
  const { expiresIn = 300, query = { qualifier: 'DEFAULT', q: "*'! é" }, headers, sessionToken } = changes;
  const signer = new SignatureV4({
    credentials: { accessKeyId: key.id, secretAccessKey: key.secret, ...(sessionToken && { sessionToken }) },
    region: 'us-east-1',
    service: 'bedrock-agentcore',
    sha256: Sha256,
  });
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname: '127.0.0.1',
    path,
    headers: { host: '127.0.0.1', ...headers },
  };
  const signed = await signer.presign({ ...request, query }, { signingDate: signedAt, expiresIn });
  const pairs = Object.entries(signed.query ?? {}).map(
    ([name, value]) => `${name}=${encodeURIComponent(String(value))}`,
  );
  return { method: 'GET', rawUrl: `${path}?${pairs.join('&')}`, headers: { host } as Record<string, string> };
}

describe('AWS Signature Version 4 in the query', () => {
  for (const { name, method, rawUrl, body, headers } of botocorePresigned) {
    it(`accepts what botocore presigns, and holds the body to it: ${name}`, async () => {
      verifies('auth:presigned');
      const pending = await authenticatorAt().begin({ method, rawUrl, headers });
      assert.deepEqual([pending.claimedBodySha256, pending.isBodySigned], [undefined, true]);
      assert.equal(pending.verifyBody(sha256(body)).accessKeyId, key.id);
      assert.throws(() => pending.verifyBody(sha256(`${body}x`)), { code: 'invalid-signature' });
    });
  }

  it('accepts what the AWS SDK for JavaScript presigns, with and without the port of Host', async () => {
    verifies('auth:presigned', 'auth:host');
    const head = await presign();
    for (const arrived of [host, '127.0.0.1']) {
      const pending = await authenticatorAt().begin({ ...head, headers: { host: arrived } });
      assert.equal(pending.verifyBody(sha256('')).accessKeyId, key.id);
    }
  });

  it('knows the body by a hash that was presigned with it', async () => {
    verifies('auth:presigned');
    const head = await presign({ query: { 'X-Amz-Content-Sha256': sha256('') } });
    const pending = await authenticatorAt().begin(head);
    assert.equal(pending.claimedBodySha256, sha256(''));
    for (const form of ['UNSIGNED-PAYLOAD', 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'])
      await refusal(
        await presign({ query: { 'X-Amz-Content-Sha256': form } }),
        'invalid-signature',
        /not accepted/,
      );
  });

  it('is good for as long as it says, at most 300 seconds, and from five minutes before', async () => {
    verifies('auth:presigned-expiry');
    const at = (seconds: number) => authenticatorAt(signedAt.getTime() + seconds * 1_000);
    const [long, short] = [await presign(), await presign({ expiresIn: 60 })];
    for (const seconds of [-300, 0, 60]) await at(seconds).begin(short);
    await at(300).begin(long);
    await refusal(short, 'invalid-signature', /expired.*for 60 seconds/, at(60.001));
    await refusal(long, 'invalid-signature', /expired.*20270115T080000Z/, at(300.001));
    await refusal(long, 'invalid-signature', /not yet current/, at(-300.001));
    await refusal(await presign({ expiresIn: 301 }), 'invalid-signature', /1 to 300 seconds/);
    for (const text of ['', '0', '-1', '1e2', '99999999999'])
      await refusal(
        { ...long, rawUrl: long.rawUrl.replace('X-Amz-Expires=300', `X-Amz-Expires=${text}`) },
        'invalid-signature',
        /1 to 300 seconds/,
      );
  });

  it('is refused when anything was changed on its way', async () => {
    verifies('auth:tampering');
    const head = await presign();
    const changes: Partial<RequestHead>[] = [
      { method: 'DELETE' },
      { rawUrl: head.rawUrl.replace('AbCdEf1234', 'AbCdEf1235') },
      { rawUrl: head.rawUrl.replace('DEFAULT', 'prod') },
      { rawUrl: `${head.rawUrl}&x=y` },
      { rawUrl: head.rawUrl.replace('X-Amz-Expires=300', 'X-Amz-Expires=299') },
      { rawUrl: head.rawUrl.replace(/X-Amz-Signature=\w{4}/, 'X-Amz-Signature=0000') },
      { headers: { host: 'example.com' } },
    ];
    for (const change of changes) {
      const pending = await authenticatorAt().begin({ ...head, ...change });
      assert.throws(() => pending.verifyBody(sha256('')), { code: 'invalid-signature' });
    }
  });

  it('is refused with headers of the service that its signer did not sign', async () => {
    verifies('auth:presigned-headers');
    const head = await presign();
    const browser = { origin: 'https://app.example', accept: '*/*', 'x-amzn-trace-id': 'Root=1-2-3' };
    await authenticatorAt().begin({ ...head, headers: { host, ...browser } });
    for (const name of [
      'x-amz-bedrock-agentcore-identity-wat',
      'workloadaccesstoken',
      'x-amzn-bedrock-agentcore-runtime-user-id',
      'x-amzn-bedrock-agentcore-runtime-session-id',
      'x-amzn-bedrock-agentcore-runtime-custom-tenant',
      'mcp-session-id',
      'x-amz-content-sha256',
    ]) {
      const headers = { [name]: 'other' };
      await refusal(
        { ...head, headers: { host, ...headers } },
        'invalid-signature',
        new RegExp(`must name these headers too: ${name}`),
      );
    }
    const session = { 'x-amzn-bedrock-agentcore-runtime-session-id': 's'.repeat(33) };
    const signed = await presign({ headers: session });
    const pending = await authenticatorAt().begin({ ...signed, headers: { host, ...session } });
    assert.equal(pending.verifyBody(sha256('')).accessKeyId, key.id);
  });

  it('is refused in other forms, twice, beside a header, and with a session token', async () => {
    verifies('auth:malformed', 'auth:unknown-key');
    const head = await presign();
    const withUrl = (from: string | RegExp, to: string) => ({
      ...head,
      rawUrl: head.rawUrl.replace(from, to),
    });
    const bad: readonly (readonly [RequestHead, RegExp])[] = [
      [withUrl('AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'), /X-Amz-Algorithm/],
      [withUrl(/X-Amz-Algorithm=[^&]+&?/, ''), /X-Amz-Algorithm/],
      [withUrl('aws4_request', 'aws4'), /X-Amz-Credential/],
      [withUrl(/X-Amz-Credential=[^&]+&?/, ''), /X-Amz-Credential/],
      [withUrl(/X-Amz-Signature=\w+/, 'X-Amz-Signature=zz'), /X-Amz-Signature/],
      [withUrl('X-Amz-SignedHeaders=host', 'X-Amz-SignedHeaders=a%20b'), /SignedHeaders/],
      [withUrl('X-Amz-SignedHeaders=host', 'X-Amz-SignedHeaders=date'), /host/],
      [withUrl(/X-Amz-Date=[^&]+/, 'X-Amz-Date=now'), /YYYYMMDDTHHMMSSZ/],
      [withUrl(/X-Amz-Date=[^&]+&?/, ''), /X-Amz-Date/],
      [withUrl(/X-Amz-Date=[^&]+/, 'X-Amz-Date=20270114T080000Z'), /not the day/],
      [withUrl('?', '?X-Amz-Expires=1&'), /X-Amz-Expires twice/],
      [withUrl('?', '?X-Amz-Date=%ff&'), /percent-encoded/],
      [{ ...head, headers: { host, authorization: 'AWS4-HMAC-SHA256 x' } }, /Authorization header as well/],
    ];
    for (const [request, message] of bad) await refusal(request, 'invalid-signature', message);
    await refusal(await presign({ sessionToken: 'x' }), 'unrecognized-client', /Unset AWS_SESSION_TOKEN/);
  });
});
