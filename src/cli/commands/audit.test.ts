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
    const filter = ['--since', '2026-11-01T00:00:00Z', '--until', '2026-12-01', '--principal', 'ci'];
    filter.push('--action', 'List*', '--resource', '*/keys', '--denied');

    assert.equal(await user.run('audit', ...filter, '-n', '5'), 0, user.stderr());
    assert.equal(
      user.stdout().split('\n')[0],
      '2026-11-01T08:00:00.000Z deny     arn:aws:iam::111122223333:user/ci berth:ListAccessKeys /berth/v1/keys (role deployer) 192.0.2.1 r-1',
    );
    assert.match(user.stdout(), /role deployer, and 7 more like it/);
    assert.equal(user.stdout().includes('\u001b'), false);
    const asked = new URL(server.seen[0]?.url ?? '', server.url).searchParams;
    assert.deepEqual(Object.fromEntries(asked), {
      ...{ sinceMs: String(Date.parse('2026-11-01T00:00:00Z')), principal: 'ci', action: 'List*' },
      ...{ untilMs: String(Date.parse('2026-12-01')), resource: '*/keys' },
      ...{ kind: 'deny,unproven', maxResults: '5' },
    });

    assert.equal(await user.run('audit', '--json', '--since', '24h', '--reads'), 0);
    assert.equal(JSON.parse(user.stdout().slice(user.stdout().indexOf('[\n'))).length, 2);
    const later = new URL(server.seen[1]?.url ?? '', server.url).searchParams;
    assert.equal(later.get('kind'), 'read');
    assert.ok(Math.abs(Number(later.get('sinceMs')) - (Date.now() - 86_400_000)) < 60_000);
    for (const wrong of [
      ['--since', 'yesterday'],
      ['-n', '0'],
      ['--until', '32nd of May'],
      ['--denied', '--reads'],
      ['--changes', '--reads'],
      ['--all', '-n', '5'],
      ['--follow', '--until', '1h'],
      ['--verify', '--follow'],
      ['--noted', `allow:1:${'a'.repeat(64)}`],
      ['--verify', '--noted', 'allow:1:short'],
    ])
      assert.equal(await user.run('audit', ...wrong), 2, wrong.join(' '));
  });

  it('follows from the last entry on, until it is interrupted', async () => {
    verifies('authz:cli');
    await using user = await fakeContext({});
    const pages = [[entry(1)], [entry(2), entry(3)], [], []];
    await using server = await fakeServer({
      'GET /berth/v1/audit': (_request, response) => {
        const entries = pages.shift();
        if (pages.length === 0) user.interrupt();
        response.setHeader('content-type', 'application/json');
        // What was looked at and does not fit is not looked at again.
        response.end(JSON.stringify({ entries: entries ?? [], ...(pages.length === 1 && { upToSeq: 9 }) }));
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
    assert.deepEqual(afters, [null, '1', '3', '9']);
  });

  it('shows all entries, page by page, the oldest first, and ends', async () => {
    verifies('authz:cli');
    const pageOf = (first: number, count: number) =>
      Array.from({ length: count }, (_, index) => entry(first + index));
    const pages = [pageOf(1, 1_000), pageOf(1_001, 1_000), pageOf(2_001, 10)];
    await using server = await fakeServer({
      'GET /berth/v1/audit': (_request, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ entries: pages.shift() ?? [] }));
      },
    });
    await using user = await fakeContext({ env: server.env });
    assert.equal(await user.run('audit', '--all', '--changes', '--json'), 0, user.stderr());
    const lines = user.stdout().trimEnd().split('\n');
    assert.deepEqual([lines.length, JSON.parse(lines.at(-1) ?? '').seq], [2_010, 2_010]);
    const asked = server.seen.map(({ url }) => new URL(url, server.url).searchParams);
    assert.deepEqual(
      asked.map((query) => [query.get('after'), query.get('kind')]),
      ['0', '1000', '2000'].map((after) => [after, 'allow']),
    );
  });

  it('says whether the log is what was written, and fails when it is not', async () => {
    verifies('authz:cli', 'authz:audit-chain');
    const [hash, otherHash] = ['a', 'b'].map((letter) => letter.repeat(64));
    const chain = { name: 'allow', entries: 3, firstSeq: 4, lastSeq: 9, lastHash: hash };
    const whole = { entries: 3, chains: [chain] };
    let answer: object = whole;
    await using server = await fakeServer({
      'GET /berth/v1/audit/verification': (_request, response) => response.end(JSON.stringify(answer)),
      'GET /berth/v1/audit': (request, response) => {
        const after = Number(new URL(request.url ?? '', 'http://berth').searchParams.get('after'));
        response.end(JSON.stringify({ entries: after < 9 ? [entry(after < 6 ? 6 : 9, { hash })] : [] }));
      },
    });
    await using user = await fakeContext({ env: server.env });
    assert.equal(await user.run('audit', '--verify'), 0, user.stderr());
    assert.ok(user.stdout().includes(`--noted allow:9:${hash}`));
    const noted = (...ends: readonly string[]) =>
      user.run('audit', '--verify', ...ends.flatMap((end) => ['--noted', end]));
    assert.equal(await noted(`allow:6:${hash}`, `allow:2:${otherHash}`), 0, user.stderr());
    assert.match(user.stdout(), /Entry 6 is there[^]*Entry 2 is older/);
    for (const end of [`allow:6:${otherHash}`, `allow:5:${hash}`, `allow:12:${hash}`, `read:2:${hash}`]) {
      assert.equal(await noted(end), 1, end);
      assert.match(user.stderr(), /is missing, or another one is there/);
    }
    answer = { ...whole, brokenAtSeq: 2 };
    assert.equal(await user.run('audit', '--verify'), 1);
    assert.match(user.stderr(), /entry 2 does not fit/);
  });
});
