import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError, type ErrorCode } from '../../shared/errors.ts';
import type { RequestHead } from '../authenticator.ts';
import { testRole } from '../role/testing/roles.ts';
import { FakeAudit } from '../testing/fake-audit.ts';
import { auditedProof } from './audited-proof.ts';

const id = 'AKIAABCDEFGHIJKLMNOP';
const signed = (credential: string) =>
  `AWS4-HMAC-SHA256 Credential=${credential}/20261101/us-east-1/bedrock-agentcore/aws4_request, SignedHeaders=host, Signature=00`;
const there = { remoteAddress: '192.0.2.7' };

/** A door where proofs are refused with `code`, at once or when the body is known. */
function door(code: ErrorCode, isOfBody = false) {
  const audit = new FakeAudit();
  const refuse = (): never => {
    throw new BerthError(code, 'a message that may repeat what the caller sent');
  };
  const pending = {
    claimedBodySha256: undefined,
    isBodySigned: true,
    principal: testRole(),
    verifyBody: refuse,
  };
  const roleOf = (connection: RequestHead['connection']) => (connection === there ? undefined : testRole());
  const begin = auditedProof(async (_head: RequestHead) => (isOfBody ? pending : refuse()), {
    audit,
    roleOf,
  });
  const knock = async (head: Partial<RequestHead>) => {
    const whole = { method: 'POST', rawUrl: '/a?b=c', headers: {}, connection: there, ...head };
    await assert.rejects(async () => (await begin(whole)).verifyBody(''), { code });
    return audit.lines;
  };
  return { audit, knock };
}

describe('a proof that is refused', () => {
  it('is in the audit log, with the key that it names and the path, also when only the body shows it', async () => {
    verifies('authz:audit-doors');
    for (const isOfBody of [false, true])
      assert.deepEqual(
        await door('invalid-signature', isOfBody).knock({ headers: { authorization: signed(id) } }),
        [`unproven ${id} berth:Authenticate /a (the signature does not fit)`],
      );
    assert.deepEqual(
      await door('unauthorized').knock({ headers: { authorization: 'Bearer secret.of.somebody' } }),
      ['unproven undefined berth:Authenticate /a (the token is not taken)'],
    );
    const presigned = `/a?X-Amz-Credential=${id}%2F20261101%2Fus-east-1&X-Amz-Signature=00`;
    assert.deepEqual(await door('unrecognized-client').knock({ rawUrl: presigned }), [
      `unproven ${id} berth:Authenticate /a (no key of this server, or one that is over)`,
    ]);
  });

  it('is told of the agent when it comes from a sandbox', async () => {
    verifies('authz:audit-doors');
    const from = { connection: { remoteAddress: '10.0.0.9' }, headers: { authorization: signed(id) } };
    const [line] = await door('unrecognized-client').knock(from);
    assert.match(line ?? '', /^deny arn:aws:sts::\S+ berth:Authenticate \/a \(no key/);
  });

  it('is not repeated where it may be a secret in the wrong place', async () => {
    verifies('authz:audit-doors');
    const secret = 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY42';
    const lines = await door('unrecognized-client').knock({ headers: { authorization: signed(secret) } });
    assert.deepEqual(lines, [
      'unproven undefined berth:Authenticate /a (no key of this server, or one that is over)',
    ]);
  });

  it('is none where nothing was shown, or where the fault is the server’s', async () => {
    verifies('authz:audit-doors');
    assert.deepEqual(await door('unauthorized').knock({}), []);
    assert.deepEqual(await door('missing-authentication').knock({}), []);
    assert.deepEqual(await door('unavailable').knock({ headers: { authorization: 'Bearer a' } }), []);
  });
});
