import assert from 'node:assert/strict';
import { networkInterfaces } from 'node:os';
import { test } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import type { AccountId } from '../shared/ids.ts';
import { systemRandom } from '../shared/ids.ts';
import { Events } from '../observability/events.ts';
import { createLogger } from '../observability/logger.ts';
import { Metrics } from '../observability/metrics.ts';
import { openDatabase } from '../storage/database.ts';
import { createSealedBox } from '../storage/sealed-box.ts';
import { openBearerCallers } from './open-bearer-callers.ts';

async function open(host: string, publicUrl: string, privateIssuers: readonly string[] = []) {
  const database = await openDatabase(':memory:');
  const lines: string[] = [];
  const output = { write: (line: string) => lines.push(line) > 0 };
  const callers = openBearerCallers({
    config: {
      listen: { host, port: 4700 },
      publicUrl,
      tls: undefined,
      privateIssuers,
      issuerNames: new Map(),
    },
    database,
    sealedBox: createSealedBox(new Uint8Array(32)),
    events: new Events({ logger: createLogger({ level: 'info', output }), metrics: new Metrics() }),
    clock: new FakeClock(),
    random: systemRandom,
  });
  return { ...callers, lines, [Symbol.asyncDispose]: () => database.destroy() };
}

const local = 'http://127.0.0.1:4700';

test('on loopback a runtime can trust the development issuer without any setting', async () => {
  verifies('auth:development-issuer');
  await using opened = await open('127.0.0.1', local);
  const issuer = opened.developmentIssuer;
  assert.ok(issuer);
  const discoveryUrl = issuer.discoveryUrl.replace('127.0.0.1', 'localhost');
  assert.equal(opened.issuerProblem(discoveryUrl), undefined);
  const { token } = await issuer.issue({ clientId: 'web', username: 'ann', scopes: [], lifetimeS: 60 });
  const pending = await opened.tokens.begin(
    { method: 'POST', rawUrl: '/', headers: { authorization: `Bearer ${token}` } },
    {
      accountId: '111122223333' as AccountId,
      region: 'us-east-1',
      runtimeId: 'echo-AbCdEf1234',
      authorizer: { discoveryUrl, allowedClients: ['web'] },
    },
  );
  assert.equal(pending.principal.issuer, `${local}/berth-issuer`);
  assert.deepEqual(opened.lines, []);
});

test('where others can call there is no development issuer', async () => {
  verifies('auth:development-issuer');
  for (const [host, publicUrl] of [
    ['0.0.0.0', local],
    ['127.0.0.1', 'https://agents.example'],
    ['127.0.0.1', 'http://127.0.0.1.agents.example'],
  ] as const) {
    await using opened = await open(host, publicUrl);
    assert.equal(opened.developmentIssuer, undefined);
    const discoveryUrl = `${local}/berth-issuer/.well-known/openid-configuration`;
    assert.match(opened.issuerProblem(discoveryUrl) ?? '', /BERTH_PRIVATE_ISSUERS/);
  }
});

test("an issuer in this machine's own networks is refused when a runtime is made, unless it is named", async () => {
  verifies('auth:bearer-ssrf');
  const path = '/.well-known/openid-configuration';
  await using opened = await open('127.0.0.1', local, ['http://127.0.0.1:8080']);
  assert.equal(opened.issuerProblem(`http://127.0.0.1:8080${path}`), undefined);
  assert.equal(opened.issuerProblem(`https://issuer.example${path}`), undefined);
  const own = Object.values(networkInterfaces()).flatMap((known = []) => known.map(({ address }) => address));
  for (const address of own) {
    const host = address.includes(':') ? `[${address.replace(/%.*/, '')}]` : address;
    assert.notEqual(opened.issuerProblem(`https://${host}${path}`), undefined, address);
  }
  assert.match(opened.issuerProblem(`http://[bad${path}`) ?? '', /is not a URL/);
});
