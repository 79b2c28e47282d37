import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { FakeTransit } from '../../test/fakes/fake-transit.ts';
import { verifies } from '../../test/requirements.ts';
import { systemClock } from '../shared/clock.ts';
import { type AccountId, systemRandom } from '../shared/ids.ts';
import { openDatabase } from '../storage/database.ts';
import { JobQueue } from '../storage/job-queue.ts';
import { createSealedBox } from '../storage/sealed-box.ts';
import { makeIssuer, makePair } from '../tls/testing/tls-fixture.ts';
import { openVault } from './open-vault.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };

async function openOver(caOf: (own: { readonly ca: string; readonly other: string }) => string | undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'berth-vault-'));
  const [issuer, other] = [makeIssuer(['localhost']), makeIssuer(['localhost'])];
  const { certificate: cert, key } = makePair(['localhost'], issuer);
  const fake = await FakeTransit.start({ tls: { cert, key } });
  const files = { ca: join(folder, 'ca.pem'), other: join(folder, 'other.pem') };
  await writeFile(files.ca, issuer.certificate.toString());
  await writeFile(files.other, other.certificate.toString());
  const tokenFile = join(folder, 'token');
  await writeFile(tokenFile, fake.token, { mode: 0o600 });
  const database = await openDatabase(':memory:');
  const problems: string[] = [];
  const jobs = new JobQueue({
    ...{ database, clock: systemClock, random: systemRandom, holder: 'server' },
    events: { jobFailed: () => {}, jobQueueStalled: () => {} },
  });
  const vault = openVault({
    config: {
      transit: { url: fake.url, mount: 'transit', key: 'berth', tokenFile, caFile: caOf(files) },
    },
    ...{ database, jobs, clock: systemClock, random: systemRandom },
    sealedBox: createSealedBox(new Uint8Array(32)),
    userOf: async () => undefined,
    events: { transitFailed: ({ problem }) => void problems.push(problem) },
  });
  const dispose = async () => {
    await jobs[Symbol.asyncDispose]();
    await vault[Symbol.asyncDispose]();
    await fake[Symbol.asyncDispose]();
    await database.destroy();
    await rm(folder, { recursive: true });
  };
  return { ...vault, fake, jobs, problems, [Symbol.asyncDispose]: dispose };
}

describe('the vault of a server with a transit engine', () => {
  it('trusts the CA that it is told to, and moves data keys by its job queue', async () => {
    verifies('vault:transit', 'vault:transit-token', 'vault:rotate');
    await using server = await openOver(({ ca }) => ca);
    const { vault, tokenVault, jobs, fake } = server;
    jobs.start();
    await vault.createKey(scope, 'provider-1');
    const sealed = await vault.seal('provider-1', ['api key'], 'secret');
    await tokenVault.rotate(scope);
    await jobs.settled();

    assert.equal((await tokenVault.show(scope)).dataKeysToMove, 0);
    assert.equal(await vault.open('provider-1', ['api key'], sealed), 'secret');
    assert.deepEqual([fake.count('rotate'), fake.count('rewrap')], [1, 1]);
  });

  it('sends nothing to a server that another CA vouches for', async () => {
    verifies('vault:transit-token');
    for (const caOf of [({ other }: { readonly other: string }) => other, () => undefined]) {
      await using server = await openOver(caOf);
      await assert.rejects(server.vault.createKey(scope, 'provider-1'), { code: 'unavailable' });
      assert.equal(server.fake.seen.length, 0);
      assert.match(server.problems[0] ?? '', /certificate|self.signed/i);
    }
  });
});
