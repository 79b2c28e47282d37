import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { bob, exception, oauthFixture } from './testing/oauth-fixture.ts';

test('an agent that asks for consent without end is stopped, and another one is not', async () => {
  verifies('oauth:bounded', 'oauth:errors');
  await using fixture = await oauthFixture();
  const { ask, get, token, database, clock } = fixture;
  await ask();
  const row = await database.selectFrom('oauth_consents').selectAll().executeTakeFirstOrThrow();
  for (let batch = 0; batch < 100; batch += 1) {
    const rows = Array.from({ length: 100 }, (_, index) => {
      const id = `${batch} ${index}`;
      return { ...row, consent_id: id, link_digest: id, user_digest: id };
    });
    await database
      .insertInto('oauth_consents')
      .values(batch === 99 ? rows.slice(1) : rows)
      .execute();
  }
  await assert.rejects(get(), exception('ThrottlingException', /10000 times/));
  const { sessionStatus } = await get({ workloadIdentityToken: await token({ workload: 'second-agent' }) });
  assert.equal(sessionStatus, 'IN_PROGRESS');
  await clock.advance(10 * 60_000);
  assert.equal((await get()).sessionStatus, 'IN_PROGRESS');
});

test('of a user who is asked without end the newest sessions stay, and others keep theirs', async () => {
  verifies('oauth:bounded');
  await using fixture = await oauthFixture();
  const { ask, get, token, database, clock } = fixture;
  const ofBob = { workloadIdentityToken: await token({ user: bob }) };
  const { sessionUri: kept } = await ask(ofBob);
  const { sessionUri: oldest } = await ask();
  await clock.advance(1);
  const { sessionUri: second } = await ask();
  await clock.advance(1);
  for (let count = 0; count < 49; count += 1) await ask();
  await assert.rejects(get({ sessionUri: oldest }), exception('AccessDeniedException', /expired session/));
  assert.equal((await get({ sessionUri: second })).sessionStatus, 'IN_PROGRESS');
  assert.equal((await get({ ...ofBob, sessionUri: kept })).sessionStatus, 'IN_PROGRESS');
  assert.equal((await database.selectFrom('oauth_consents').selectAll().execute()).length, 51);
});

test('what is kept of a request is at most 16 KiB', async () => {
  verifies('oauth:bounded');
  await using fixture = await oauthFixture();
  const { get, database } = fixture;
  const parameters = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, 'ü'.repeat(1_000)]));
  assert.ok((await get({ customParameters: parameters(7) })).sessionUri);
  await database.deleteFrom('oauth_consents').execute();
  const wish = {
    customParameters: parameters(7),
    resources: ['urn:a', 'urn:b'].map((name) => name + 'x'.repeat(1_500)),
  };
  for (const refused of [wish, { customParameters: parameters(9) }])
    for (const oauth2Flow of ['USER_FEDERATION', 'M2M'] as const)
      await assert.rejects(get({ oauth2Flow, ...refused }), exception('ValidationException', /16384 bytes/));
  assert.deepEqual(await database.selectFrom('oauth_consents').selectAll().execute(), []);
});
