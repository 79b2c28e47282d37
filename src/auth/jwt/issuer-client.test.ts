import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { verifies } from '../../../test/requirements.ts';
import { IssuerClient } from './issuer-client.ts';
import { IssuerPolicy } from './issuer-policy.ts';
import { describeOverHttp } from './issuer.ts';

interface Options {
  readonly named?: boolean;
  /** What the issuer's name resolves to, look-up after look-up. */
  readonly addresses?: readonly string[];
}

/** A server at 127.0.0.1 that is asked as http://issuer.example, which only the test's resolver knows. */
async function setUp(context: TestContext, listener: RequestListener, options: Options = {}) {
  const { named = true, addresses = ['127.0.0.1'] } = options;
  let connections = 0;
  const server = createServer(listener).on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const base = `http://issuer.example:${(server.address() as AddressInfo).port}`;
  const policy = new IssuerPolicy({ privateIssuers: named ? [base] : [], hostAddresses: () => [] });
  const guarded = named ? policy : { ...bind(policy), problemOf: () => undefined };
  const clock = new FakeClock();
  const left = [...addresses];
  const resolve = async () => [{ address: left.shift() ?? '127.0.0.1', family: 4 }];
  const client = new IssuerClient({ policy: guarded, clock, resolve });
  return { base, client, clock, connections: () => connections };
}

function bind(policy: IssuerPolicy) {
  return { addressProblem: policy.addressProblem.bind(policy) };
}

const json =
  (value: object): RequestListener =>
  (_request, response) =>
    void response.end(JSON.stringify(value));

test('discovery document and keys are read from the address that was checked', async (context) => {
  verifies('auth:bearer-ssrf');
  const listener: RequestListener = (request, response) => {
    const base = `http://${request.headers.host}`;
    const isKeys = request.url === '/keys';
    response.end(JSON.stringify(isKeys ? { keys: [] } : { issuer: base, jwks_uri: `${base}/keys` }));
  };
  const { base, client } = await setUp(context, listener);
  const issuer = await describeOverHttp(client)(`${base}/.well-known/openid-configuration`);
  assert.deepEqual(issuer, { name: base, jwks: { keys: [] } });
});

test('a name that resolves to this machine is not connected to, also when it did not a moment before', async (context) => {
  verifies('auth:bearer-ssrf');
  const unnamed = await setUp(context, json({}), { named: false });
  await assert.rejects(unnamed.client.fetchJson(new URL(unnamed.base)), /in a private network/);
  assert.equal(unnamed.connections(), 0);
  // The second answer of the resolver is asked for by nobody before it is checked.
  const rebinding = await setUp(context, json({ ok: true }), { addresses: ['127.0.0.1', '169.254.169.254'] });
  assert.deepEqual(await rebinding.client.fetchJson(new URL(rebinding.base)), { ok: true });
  await assert.rejects(rebinding.client.fetchJson(new URL(rebinding.base)), /metadata service/);
  assert.equal(rebinding.connections(), 1);
});

test('redirects, errors, endless answers and what is no JSON are refused', async (context) => {
  verifies('auth:bearer-ssrf');
  const answers: Readonly<Record<string, RequestListener>> = {
    '/redirect': (_request, response) => void response.writeHead(302, { location: 'http://10.0.0.1/' }).end(),
    '/missing': (_request, response) => void response.writeHead(404).end('{}'),
    '/text': (_request, response) => void response.end('<html>'),
    '/endless': (_request, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(65_536)));
        if (!response.destroyed) response.once('drain', write);
      };
      write();
    },
  };
  const { base, client } = await setUp(context, (request, response) =>
    answers[request.url ?? '']?.(request, response),
  );
  const patterns = { redirect: /answers 302/, missing: /answers 404/, text: /JSON/, endless: /longer than/ };
  for (const [path, pattern] of Object.entries(patterns))
    await assert.rejects(client.fetchJson(new URL(`${base}/${path}`)), pattern);
});

test('an issuer that never answers is given up after five seconds', async (context) => {
  verifies('auth:bearer-issuer-down');
  const asked = Promise.withResolvers<void>();
  const { base, client, clock } = await setUp(context, () => asked.resolve());
  const reading = assert.rejects(client.fetchJson(new URL(base)), /no answer within 5 s/);
  await asked.promise;
  await clock.advance(5_000);
  await reading;
});

test('so is one whose name is never resolved', async () => {
  verifies('auth:bearer-issuer-down');
  const asked = Promise.withResolvers<void>();
  const resolve = () => {
    asked.resolve();
    return new Promise<never>(() => {});
  };
  const clock = new FakeClock();
  const policy = new IssuerPolicy({ privateIssuers: [], hostAddresses: () => [] });
  const client = new IssuerClient({ policy, clock, resolve });
  const reading = assert.rejects(
    client.fetchJson(new URL('https://issuer.example/')),
    /no answer within 5 s/,
  );
  await asked.promise;
  await clock.advance(5_000);
  await reading;
});

test('what is no discovery document is refused, and where it sends Berth is checked as well', async () => {
  const describe = (document: unknown) =>
    describeOverHttp({ fetchJson: async () => document })(
      'https://issuer.example/.well-known/openid-configuration',
    );
  for (const document of [null, [], {}, { issuer: 'x' }, { issuer: 'x', jwks_uri: 'nowhere' }])
    await assert.rejects(describe(document), /is not what an issuer serves/);
});

test('a document that gives its issuer the name of another one is refused, unless the operator says so', async () => {
  verifies('auth:bearer-issuer-name');
  const discoveryUrl = 'https://evil.example/.well-known/openid-configuration';
  const fetched: string[] = [];
  const fetchJson = async ({ href }: URL) => {
    fetched.push(href);
    if (href.endsWith('/keys')) return { keys: [] };
    return { issuer: 'https://login.corp.example', jwks_uri: 'https://evil.example/keys' };
  };
  await assert.rejects(
    describeOverHttp({ fetchJson })(discoveryUrl),
    /not https:\/\/evil\.example, .*BERTH_ISSUER_NAMES/,
  );
  assert.deepEqual(fetched, [discoveryUrl]);
  const elsewhere = new Map([
    ['https://other.example/.well-known/openid-configuration', 'https://login.corp.example'],
  ]);
  await assert.rejects(describeOverHttp({ fetchJson }, elsewhere)(discoveryUrl), /not https:\/\/evil/);
  const named = new Map([[discoveryUrl, 'https://alias.example']]);
  assert.equal((await describeOverHttp({ fetchJson }, named)(discoveryUrl)).name, 'https://alias.example');
});
