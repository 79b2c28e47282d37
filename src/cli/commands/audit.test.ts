import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { fakeContext } from '../testing/fake-context.ts';
import { fakeServer } from '../testing/fake-server.ts';

const entry = (seq: number, changes: object = {}) => ({
  ...{ seq, atMs: Date.parse('2026-11-01T08:00:00Z'), kind: 'deny', hash: 'h' },
  principal: 'arn:aws:iam::111122223333:user/ci',
  ...{ action: 'berth:ListAccessKeys', resource: '/berth/v1/keys', reason: 'role deployer' },
  ...{ requestId: 'r-1', sourceIp: '192.0.2.1', ...changes },
});

describe('berth audit', () => {
  it('shows the newest entries, filtered by the server, escaped for terminals', async () => {
    verifies('authz:cli');
    const entries = [entry(1), entry(2, { principal: 'ann\u001b[2J of https://issuer', repeats: 7 })];
    await using server = await fakeServer({ 'GET /berth/v1/audit': { entries } });
    await using user = await fakeContext({ env: server.env });
    const filter = ['--since', '2026-11-01T00:00:00Z', '--principal', 'ci', '--action', 'List*', '--denied'];

    assert.equal(await user.run('audit', ...filter, '-n', '5'), 0, user.stderr());
    assert.equal(
      user.stdout().split('\n')[0],
      '2026-11-01T08:00:00.000Z deny  arn:aws:iam::111122223333:user/ci berth:ListAccessKeys /berth/v1/keys (role deployer) 192.0.2.1 r-1',
    );
    assert.match(user.stdout(), /role deployer, and 7 more like it/);
    assert.equal(user.stdout().includes('\u001b'), false);
    const asked = new URL(server.seen[0]?.url ?? '', server.url).searchParams;
    assert.deepEqual(Object.fromEntries(asked), {
      ...{ sinceMs: String(Date.parse('2026-11-01T00:00:00Z')), principal: 'ci', action: 'List*' },
      ...{ kind: 'deny', maxResults: '5' },
    });

    assert.equal(await user.run('audit', '--json', '--since', '24h', '--reads'), 0);
    assert.equal(JSON.parse(user.stdout().slice(user.stdout().indexOf('[\n'))).length, 2);
    const later = new URL(server.seen[1]?.url ?? '', server.url).searchParams;
    assert.equal(later.get('kind'), 'read');
    assert.ok(Math.abs(Number(later.get('sinceMs')) - (Date.now() - 86_400_000)) < 60_000);
    for (const wrong of [
      ['--since', 'yesterday'],
      ['-n', '0'],
      ['--denied', '--reads'],
    ])
      assert.equal(await user.run('audit', ...wrong), 2, wrong.join(' '));
  });

  it('follows from the last entry on, until it is interrupted', async () => {
    verifies('authz:cli');
    await using user = await fakeContext({});
    const pages = [[entry(1)], [entry(2), entry(3)], []];
    await using server = await fakeServer({
      'GET /berth/v1/audit': (_request, response) => {
        const entries = pages.shift();
        if (entries?.length === 0) user.interrupt();
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ entries: entries ?? [] }));
      },
    });
    Object.assign(user.context.env, server.env);

    assert.equal(await user.run('audit', '--follow', '--json'), 0, user.stderr());
    const lines = user.stdout().trimEnd().split('\n');
    assert.deepEqual(
      lines.map((line) => (JSON.parse(line) as { seq: number }).seq),
      [1, 2, 3],
    );
    const afters = server.seen.map(({ url }) => new URL(url, server.url).searchParams.get('after'));
    assert.deepEqual(afters, [null, '1', '3']);
  });

  it('says whether the log is what was written, and fails when it is not', async () => {
    verifies('authz:cli', 'authz:audit-chain');
    const whole = { entries: 3, firstSeq: 1, lastSeq: 3, lastHash: 'abc' };
    let answer: object = whole;
    await using server = await fakeServer({
      'GET /berth/v1/audit/verification': (_request, response) => response.end(JSON.stringify(answer)),
    });
    await using user = await fakeContext({ env: server.env });
    assert.equal(await user.run('audit', '--verify'), 0, user.stderr());
    assert.match(user.stdout(), /is whole: 3 entries[^]*3 abc/);
    answer = { ...whole, brokenAtSeq: 2 };
    assert.equal(await user.run('audit', '--verify'), 1);
    assert.match(user.stderr(), /entry 2 does not fit/);
  });
});
