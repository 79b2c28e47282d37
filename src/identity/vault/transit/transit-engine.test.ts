import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import { FakeTransit } from '../../../../test/fakes/fake-transit.ts';
import { verifies } from '../../../../test/requirements.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { BerthError } from '../../../shared/errors.ts';
import { TransitEngine } from './transit-engine.ts';

const key = 'transit/berth';
const secret = Buffer.from('a data key');

describe('the transit engine', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-transit-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function open(clock: Clock = systemClock) {
    const fake = await FakeTransit.start();
    const problems: string[] = [];
    const tokenFile = join(folder, 'token');
    const writeToken = (token: string) => writeFile(tokenFile, `${token}\n`, { mode: 0o600 });
    await writeToken(fake.token);
    const engine = new TransitEngine({
      url: fake.url,
      tokenFile,
      caFile: undefined,
      events: { transitFailed: ({ problem }) => void problems.push(problem) },
      clock,
      timeoutMs: 60_000,
      pausesMs: [0, 0],
    });
    const dispose = async () => {
      await engine[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    };
    return { fake, engine, problems, tokenFile, writeToken, [Symbol.asyncDispose]: dispose };
  }

  it('wraps, unwraps, and after a rotation rewraps under the new version', async () => {
    verifies('vault:transit');
    await using opened = await open();
    const { engine, fake } = opened;
    const first = await engine.encrypt(key, secret);
    await engine.rotate(key);
    const second = await engine.rewrap(key, first);

    assert.match(first, /^vault:v1:/);
    assert.match(second, /^vault:v2:/);
    for (const wrapped of [first, second])
      assert.deepEqual(Buffer.from(await engine.decrypt(key, wrapped)), secret);
    assert.deepEqual(fake.seen.slice(0, 3), [
      'POST /v1/transit/encrypt/berth',
      'POST /v1/transit/keys/berth/rotate',
      'POST /v1/transit/rewrap/berth',
    ]);
    fake.keys.set('team/secrets/other', fake.keys.get(key) ?? []);
    assert.match(await engine.encrypt('team/secrets/other', secret), /^vault:v2:/);
  });

  it('tries again what may pass, and then gives up without a word of the token', async () => {
    verifies('vault:transit-fails');
    await using opened = await open();
    const { engine, fake, problems } = opened;
    for (const status of [429, 500, 503]) {
      fake.failNext(2, status, ['Vault is sealed']);
      await engine.encrypt(key, secret);
    }
    assert.equal(fake.count('encrypt'), 9);
    assert.deepEqual(problems, []);

    fake.failNext(3, 503, ['Vault is sealed']);
    await assert.rejects(engine.encrypt(key, secret), (error) => {
      assert.ok(error instanceof BerthError);
      assert.equal(error.code, 'unavailable');
      assert.match(error.message, /transit engine .* Try again/);
      assert.doesNotMatch(error.message, /s\.first|127\.0\.0\.1/);
      return true;
    });
    assert.deepEqual(problems, ['transit/encrypt/berth: it answers 503; Vault is sealed']);
    assert.equal(fake.count('encrypt'), 12);
  });

  it('waits for a slow one no longer than its time, three times, and also when it is gone', async () => {
    verifies('vault:transit-fails');
    const clock = new FakeClock();
    await using opened = await open(clock);
    const { engine, fake, problems } = opened;
    const asked = async (times: number) => {
      while (fake.count('encrypt') < times) await clock.advance(0);
    };
    fake.hangNext();
    const encrypted = engine.encrypt(key, secret);
    await asked(1);
    await clock.advance(60_000);
    await asked(2);
    assert.match(await encrypted, /^vault:v1:/);
    for (let time = 0; time < 3; time += 1) fake.hangNext();
    const refused = assert.rejects(engine.encrypt(key, secret), { code: 'unavailable' });
    for (const times of [3, 4, 5]) {
      await asked(times);
      await clock.advance(60_000);
    }
    await refused;
    assert.match(problems[0] ?? '', /no answer within 60 s/);
    await fake[Symbol.asyncDispose]();
    const gone = assert.rejects(engine.encrypt(key, secret), { code: 'unavailable' });
    while (problems.length === 1) await clock.advance(0);
    await gone;
    assert.match(problems[1] ?? '', /ECONNREFUSED/);
  });

  it('does not try again what will not pass', async () => {
    verifies('vault:transit-fails');
    await using opened = await open();
    const { engine, fake, problems } = opened;
    await assert.rejects(engine.encrypt('transit/unknown', secret), { code: 'unavailable' });
    await assert.rejects(engine.encrypt('elsewhere/berth', secret), { code: 'unavailable' });
    await assert.rejects(engine.decrypt(key, 'vault:v1:AAAA'), { code: 'internal' });
    fake.failures.push((response) => response.writeHead(307, { location: 'http://127.0.0.1:1/' }).end());
    await assert.rejects(engine.encrypt(key, secret), { code: 'unavailable' });
    // It may have been done.
    fake.failNext(1, 500);
    await assert.rejects(engine.rotate(key), { code: 'unavailable' });
    assert.match(problems[0] ?? '', /encryption key not found/);
    assert.equal(fake.seen.length, 5);
  });

  it('uses the token that is in the file now, also when it changed after a refusal', async () => {
    verifies('vault:transit-token');
    await using opened = await open();
    const { engine, fake, problems, writeToken } = opened;
    await engine.encrypt(key, secret);
    fake.token = 's.second';
    await assert.rejects(engine.encrypt(key, secret), { code: 'unavailable' });
    assert.match(problems[0] ?? '', /it answers 403; permission denied/);
    assert.equal(fake.count('encrypt'), 2);
    await writeToken('s.second');
    await engine.encrypt(key, secret);

    fake.token = 's.third';
    fake.failures.push((response) => {
      void writeToken('s.third').then(() => response.writeHead(403).end('{"errors":["permission denied"]}'));
    });
    await engine.encrypt(key, secret);
  });

  it('refuses a token file that everyone can use, or that holds no token, without repeating it', async () => {
    verifies('vault:transit-token');
    await using opened = await open();
    const { engine, fake, problems, tokenFile, writeToken } = opened;
    await chmod(tokenFile, 0o644);
    await assert.rejects(engine.encrypt(key, secret), { code: 'unavailable' });
    await chmod(tokenFile, 0o640);
    await engine.encrypt(key, secret);
    await writeToken('two lines\nsecret');
    await assert.rejects(engine.encrypt(key, secret), { code: 'unavailable' });
    await rm(tokenFile);
    await assert.rejects(engine.encrypt(key, secret), { code: 'unavailable' });
    assert.deepEqual(
      problems.map((problem) => /can be used by everyone|does not hold a token|ENOENT/.exec(problem)?.[0]),
      ['can be used by everyone', 'does not hold a token', 'ENOENT'],
    );
    assert.doesNotMatch(problems.join(), /two lines/);
    assert.equal(fake.count('encrypt'), 1);
  });
});
