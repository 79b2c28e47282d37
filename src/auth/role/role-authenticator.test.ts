import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { RequestSigner } from '../../../test/fixture/request-signer.ts';
import { verifies } from '../../../test/requirements.ts';
import { BerthError, type ErrorCode } from '../../shared/errors.ts';
import type { SandboxId, SessionId } from '../../shared/ids.ts';
import type { SecretAccessKey } from '../access-keys.ts';
import type { Connection, RequestHead } from '../authenticator.ts';
import type { RolePrincipal } from '../principal.ts';
import { SigV4Authenticator } from '../sigv4/sigv4-authenticator.ts';
import { botocoreAccessKey as key } from '../testing/botocore-requests.ts';
import { RoleAuthenticator } from './role-authenticator.ts';
import { RoleCredentials, type TemporaryCredentials } from './role-credentials.ts';
import { testRole, testSecret } from './testing/roles.ts';

const url = 'http://berth.internal:4780';
const body = '{"workloadName":"echo-AbCdEf1234"}';
const hour = 3_600_000;
/** Of the session of `testRole`, of another session, and of no sandbox. */
const here: Connection = { remoteAddress: 'here' };
const there: Connection = { remoteAddress: 'there' };
const outside: Connection = { remoteAddress: 'outside' };
const neighbour = testRole({ sandboxId: 'sb-bbbbbbbbbbbbbbbbbbbb' as SandboxId });

describe('a call from the sandbox of a live session', () => {
  it('acts as the role when its head is signed with keys of another place, and not by such a URL', async () => {
    verifies('role:by-address');
    const subject = open();
    const foreign = [
      { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'of AWS' },
      { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', secretAccessKey: 'of AWS', sessionToken: 'IQoJb3JpZ2lu' },
    ];
    for (const keys of foreign) {
      assert.deepEqual(await subject.principal(await signed(keys, here)), testRole());
      assert.deepEqual(await subject.principal(await signed(keys, there)), neighbour);
      await assert.rejects(subject.principal(await signed(keys, outside)), code('unrecognized-client'));
    }
    const elsewhere = { ...foreign[0], region: 'eu-west-1' };
    assert.deepEqual(await subject.principal(await signed(elsewhere, here)), testRole());
    const presigned = await signerOf(foreign[0]).presign({ method: 'GET', path: '/a', at: subject.now });
    const head = {
      method: 'GET',
      rawUrl: presigned,
      headers: { host: 'berth.internal:4780' },
      connection: here,
    };
    await assert.rejects(subject.principal(head, ''), code('unrecognized-client'));
  });

  it('acts as the access key of this server that it is signed with, which has to be proven', async () => {
    verifies('role:by-address');
    const subject = open();
    const keys = { accessKeyId: key.id, secretAccessKey: key.secret };

    const principal = await subject.principal(await signed(keys, here));

    assert.ok(principal.kind === 'access-key' && principal.accessKeyId === key.id);
    const guess = await signed({ ...keys, secretAccessKey: 'a guess' }, here);
    await assert.rejects(subject.principal(guess), code('invalid-signature'));
    const mixed = await signed({ ...keys, sessionToken: 'IQoJb3JpZ2lu' }, here);
    await assert.rejects(subject.principal(mixed), code('unrecognized-client'));
  });

  it('is refused when it is not signed, or with a bearer token', async () => {
    verifies('role:signed');
    const subject = open();
    const head = { method: 'POST', rawUrl: '/a', connection: here };

    await assert.rejects(subject.principal({ ...head, headers: {} }), code('missing-authentication'));
    const bearer = { ...head, headers: { authorization: 'Bearer x' } };
    await assert.rejects(subject.principal(bearer), code('access-denied'));
  });

  it("acts as the role with the role's own credentials, whose signature is checked", async () => {
    verifies('role:by-address', 'role:sdk-credentials');
    const subject = open();
    const keys = subject.issue(testRole());
    assert.match(keys.accessKeyId, /^ASIA[A-Z2-7]{16}$/);
    assert.equal(keys.secretAccessKey.length, 40);

    assert.deepEqual(await subject.principal(await signed(keys, here)), testRole());
    await assert.rejects(subject.principal(await signed(keys, here), '{}'), code('invalid-signature'));
    const guess = await signed({ ...keys, secretAccessKey: 'a guess' }, here);
    await assert.rejects(subject.principal(guess), code('invalid-signature'));
  });
});

describe("a URL presigned with the role's own credentials", () => {
  it('acts as the role for nobody who merely fetches it', async () => {
    verifies('role:signed');
    const subject = open();
    const head = await presigned(subject.issue(testRole()), subject.now);
    const handshake = { upgrade: 'websocket', 'sec-websocket-key': 'x' };
    for (const request of [
      head,
      { ...head, headers: { ...head.headers, upgrade: 'websocket' } },
      { ...head, headers: { ...head.headers, ...handshake, upgrade: 'h2c' } },
      { ...head, headers: { ...head.headers, ...handshake }, method: 'POST' },
    ])
      await assert.rejects(subject.principal(request, ''), code('access-denied'));
  });

  it('opens a WebSocket as the role, from its own sandbox', async () => {
    verifies('role:sdk-credentials', 'role:own-sandbox');
    const subject = open();
    const head = await presigned(subject.issue(testRole()), subject.now);
    const headers = { ...head.headers, upgrade: 'WebSocket', 'sec-websocket-key': 'x' };
    assert.deepEqual(await subject.principal({ ...head, headers }, ''), testRole());
    const changed = { ...head, headers, rawUrl: head.rawUrl.replace('/ws?', '/other?') };
    await assert.rejects(subject.principal(changed, ''), code('invalid-signature'));
    for (const connection of [there, outside])
      await assert.rejects(
        subject.principal({ ...head, headers, connection }, ''),
        code('unrecognized-client'),
      );
  });
});

describe("credentials of a runtime's role", () => {
  it('go with their session token, which is signed', async () => {
    verifies('role:sdk-credentials');
    const subject = open();
    const { accessKeyId, secretAccessKey, sessionToken } = subject.issue(testRole());
    const without = await signed({ accessKeyId, secretAccessKey }, here);
    await assert.rejects(subject.principal(without), code('unrecognized-client'));

    const added = { ...without, headers: { ...without.headers, 'x-amz-security-token': sessionToken } };
    await assert.rejects(subject.principal(added), code('invalid-signature'));
    for (const [id, token] of [
      [accessKeyId, `${sessionToken.slice(0, -2)}AA`],
      [accessKeyId, `${sessionToken}.x`],
      [accessKeyId, 'berth-role.'],
      [subject.issue(neighbour).accessKeyId, sessionToken],
      ['AKIAIOSFODNN7EXAMPLE', sessionToken],
    ] as const) {
      const forged = await signed({ accessKeyId: id, secretAccessKey, sessionToken: token }, here);
      await assert.rejects(subject.principal(forged), code('unrecognized-client'), token);
    }
  });

  it('are of no use in another sandbox, another incarnation or outside', async () => {
    verifies('role:own-sandbox', 'role:ended');
    const subject = open();
    for (const stranger of [
      neighbour,
      testRole({ incarnation: 2 }),
      testRole({ sessionId: 'session-of-at-least-33-characters-2' as SessionId }),
    ]) {
      const keys = subject.issue(stranger);
      await assert.rejects(subject.principal(await signed(keys, here)), code('unrecognized-client'));
    }
    const keys = subject.issue(testRole());
    for (const place of [there, outside])
      await assert.rejects(subject.principal(await signed(keys, place)), code('unrecognized-client'));

    subject.roles.delete('here');
    await assert.rejects(
      subject.principal(await signed(keys, here)),
      /good inside the sandbox that they were given to only/,
    );
  });

  it('are good for an hour, for the next server of the same home too, and for no other server', async () => {
    verifies('role:lifetime');
    const subject = open();
    const keys = subject.issue(testRole());
    assert.equal(keys.expiresAtMs, subject.now.getTime() + hour);
    assert.deepEqual(await open().principal(await signed(keys, here)), testRole());
    const other = open({ serverSecret: Buffer.alloc(32, 8) });
    await assert.rejects(other.principal(await signed(keys, here)), code('unrecognized-client'));

    subject.advance(hour - 1);
    assert.deepEqual(await subject.principal(await signed(keys, here, subject.now)), testRole());
    // At any time before, new ones are good for an hour from then.
    const next = subject.issue(testRole());
    subject.advance(1);
    await assert.rejects(subject.principal(await signed(keys, here, subject.now)), /are over/);
    assert.deepEqual(await subject.principal(await signed(next, here, subject.now)), testRole());
  });
});

function open({ serverSecret = testSecret } = {}) {
  let nowMs = startMs;
  const clock = { now: () => nowMs };
  const credentials = new RoleCredentials({ serverSecret, clock });
  const accessKeys = {
    find: async (id: string): Promise<SecretAccessKey | undefined> => (id === key.id ? key : undefined),
  };
  const roles = new Map<string | undefined, RolePrincipal>([
    ['here', testRole()],
    ['there', neighbour],
  ]);
  const authenticator = new RoleAuthenticator({
    signatures: new SigV4Authenticator({ accessKeys, clock, region: 'us-east-1' }),
    accessKeys,
    callers: { of: (connection) => roles.get(connection?.remoteAddress) },
    credentials,
  });
  return {
    roles,
    issue: (role: RolePrincipal): TemporaryCredentials => credentials.issue(role),
    get now() {
      return new Date(nowMs);
    },
    advance: (ms: number) => void (nowMs += ms),
    /** Who it is, with this body. */
    async principal(head: RequestHead, content = body) {
      const pending = await authenticator.begin(head);
      return pending.verifyBody(createHash('sha256').update(content).digest('hex'));
    },
  };
}

const startMs = Date.parse('2027-01-15T08:00:00Z');

interface Keys {
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly region?: string;
}

function signerOf({ accessKeyId = '', secretAccessKey = '', sessionToken, region = 'us-east-1' }: Keys = {}) {
  return new RequestSigner({ url, region, accessKeyId, secretAccessKey, sessionToken });
}

async function signed(keys: Keys, connection: Connection, at = new Date(startMs)) {
  const path = '/identities/GetWorkloadAccessToken';
  const headers = await signerOf(keys).sign({ method: 'POST', path, body, at });
  return { method: 'POST', rawUrl: path, headers, connection };
}

async function presigned(keys: Keys, at: Date) {
  const rawUrl = await signerOf(keys).presign({ method: 'GET', path: '/runtimes/other-AbCdEf1234/ws', at });
  const headers = { host: 'berth.internal:4780' };
  return { method: 'GET', rawUrl, headers, connection: here };
}

function code(expected: ErrorCode) {
  return (error: unknown) => {
    assert.ok(error instanceof BerthError, String(error));
    assert.equal(error.code, expected, error.message);
    return true;
  };
}
