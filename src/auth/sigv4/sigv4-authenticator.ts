import { createHmac, hash, type KeyObject, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { type AccessKeys, principalOf } from '../access-keys.ts';
import type { Authenticator, PendingAuthentication, RequestHead } from '../authenticator.ts';
import type { KeyPrincipal, SigningPrincipal } from '../principal.ts';
import { roleTokenPrefix } from '../role/role-credentials.ts';
import { bodyHashOf } from './body-hash.ts';
import { canonicalRequest } from './canonical-request.ts';
import { hostVariants, refuseUnsigned, signedHeaderValues } from './signed-headers.ts';
import { algorithm, type SigV4Authorization } from './sigv4-authorization.ts';
import { readSignedHead, type SignedHead } from './signed-head.ts';
import { SigningKeys } from './signing-keys.ts';
import { readSigningTime, refuseExpired, refuseSkewed, type SigningTime } from './signing-time.ts';

export interface SigV4AuthenticatorParts {
  readonly accessKeys: Pick<AccessKeys, 'find'>;
  readonly clock: Pick<Clock, 'now'>;
  /** The only region that signatures may be scoped to. */
  readonly region: string;
  /** Ports that clients may have signed in Host although it arrived without one (behind a proxy). */
  readonly hostPorts?: readonly number[];
}

/** What a request may be signed with, and who that is. */
export interface SigningKey<Who extends SigningPrincipal> {
  readonly id: string;
  readonly secret: string;
  readonly principal: Who;
}

const service = 'bedrock-agentcore';
const skewMs = 5 * 60_000;

/** AWS Signature Version 4 in the Authorization header or in the query, verified as the AWS SDKs compute it. */
export class SigV4Authenticator implements Authenticator {
  readonly #parts: SigV4AuthenticatorParts;
  readonly #signingKeys = new SigningKeys();

  constructor(parts: SigV4AuthenticatorParts) {
    this.#parts = parts;
  }

  async begin(head: RequestHead): Promise<PendingAuthentication<KeyPrincipal>> {
    const signed = readSignedHead(head);
    refuseSessionToken(signed.sessionToken);
    const time = this.#judge(head, signed);
    const key = await this.#parts.accessKeys.find(signed.authorization.accessKeyId);
    if (key === undefined) throw unrecognized(signed.authorization.accessKeyId);
    const principal = principalOf(key);
    return this.#open(head, signed, time, { ...key, principal });
  }

  /** The same for a key that its caller has found, and whose session token it has judged. */
  beginWith<Who extends SigningPrincipal>(
    head: RequestHead,
    signed: SignedHead,
    key: SigningKey<Who>,
  ): PendingAuthentication<Who> {
    return this.#open(head, signed, this.#judge(head, signed), key);
  }

  /** What can be said of a signature before its key is known. */
  #judge(head: RequestHead, signed: SignedHead): SigningTime {
    this.#checkScope(signed.authorization);
    const time = this.#readTime(head, signed);
    const isPresigned = signed.presigned !== undefined;
    refuseUnsigned(head, signed.authorization.signedHeaders, { isPresigned });
    return time;
  }

  #open<Who extends SigningPrincipal>(
    head: RequestHead,
    { authorization, presigned }: SignedHead,
    time: SigningTime,
    { id, secret, principal }: SigningKey<Who>,
  ): PendingAuthentication<Who> {
    const claimedBodySha256 = presigned?.claimedBodySha256 ?? bodyHashOf(head);
    const signingKey = this.#signingKeys.derive(id, secret, authorization);
    const rawUrl = presigned?.rawUrl ?? head.rawUrl;
    const verify = (bodySha256: string) => {
      if (!this.#matches({ head, rawUrl, authorization, time, signingKey, bodySha256 })) throw mismatch(id);
    };
    if (claimedBodySha256 === undefined) {
      return {
        claimedBodySha256,
        isBodySigned: true,
        principal,
        verifyBody(bodySha256) {
          verify(bodySha256);
          return principal;
        },
      };
    }
    verify(claimedBodySha256);
    return {
      claimedBodySha256,
      isBodySigned: true,
      principal,
      verifyBody(bodySha256) {
        if (bodySha256 !== claimedBodySha256) throw bodyChanged();
        return principal;
      },
    };
  }

  #checkScope({ region, service: named }: SigV4Authorization): void {
    if (named !== service) {
      throw new BerthError(
        'invalid-signature',
        `The signature is scoped to the service '${named}'; expected '${service}'.`,
      );
    }
    if (region !== this.#parts.region) {
      throw new BerthError(
        'invalid-signature',
        `The signature is scoped to the region '${region}', but this server is '${this.#parts.region}'. Set AWS_REGION=${this.#parts.region}, or the region of your client.`,
      );
    }
  }

  #readTime(head: RequestHead, { authorization, presigned }: SignedHead): SigningTime {
    const time =
      presigned === undefined
        ? readSigningTime(single(head.headers['x-amz-date']), head.headers.date)
        : readSigningTime(presigned.date, undefined);
    if (!time.stamp.startsWith(authorization.date)) {
      throw new BerthError(
        'invalid-signature',
        `The date of the Credential, ${authorization.date}, is not the day of the request, ${time.stamp}.`,
      );
    }
    const nowMs = this.#parts.clock.now();
    if (presigned !== undefined) refuseExpired(time, nowMs, presigned.expiresMs);
    refuseSkewed(time, nowMs, skewMs);
    return time;
  }

  #matches(request: SignedRequest): boolean {
    const { head, rawUrl, authorization, bodySha256 } = request;
    const { method } = head;
    const values = signedHeaderValues(head, authorization.signedHeaders);
    return hostVariants(values, this.#parts.hostPorts ?? []).some((headers) =>
      isSignature(request, canonicalRequest({ method, rawUrl, headers, bodySha256 })),
    );
  }
}

interface SignedRequest {
  readonly head: RequestHead;
  /** Without the signature, when that is in the query. */
  readonly rawUrl: string;
  readonly authorization: SigV4Authorization;
  readonly time: SigningTime;
  readonly signingKey: KeyObject;
  readonly bodySha256: string;
}

function isSignature({ authorization, time, signingKey }: SignedRequest, canonical: string): boolean {
  const { date, region, signature } = authorization;
  const toSign = [
    algorithm,
    time.stamp,
    `${date}/${region}/${service}/aws4_request`,
    hash('sha256', canonical),
  ].join('\n');
  const expected = createHmac('sha256', signingKey).update(toSign).digest();
  return timingSafeEqual(expected, Buffer.from(signature, 'hex'));
}

/** Berth's keys are long-lived: a session token means that the client mixes in credentials of another place. */
function refuseSessionToken(token: string | undefined): void {
  if (token === undefined) return;
  if (token.startsWith(roleTokenPrefix))
    throw new BerthError(
      'unrecognized-client',
      "The request is signed with the credentials of a runtime's role, which are good inside the sandbox that they were given to only, and only while its session lives.",
    );
  throw new BerthError(
    'unrecognized-client',
    "The security token included in the request is not one of this server's: its access keys have none. Unset AWS_SESSION_TOKEN (and AWS_PROFILE) and use the key that 'berth env' prints.",
  );
}

function unrecognized(accessKeyId: string): BerthError {
  return new BerthError(
    'unrecognized-client',
    `This server has no access key ${accessKeyId}, or it was revoked. 'berth env' prints the settings of a valid one.`,
  );
}

function mismatch(accessKeyId: string): BerthError {
  return new BerthError(
    'invalid-signature',
    `The signature is not the one computed here with the secret of access key ${accessKeyId}. Check the secret access key; if it is right, something between client and server changed the path, the query, the body or a signed header.`,
  );
}

function bodyChanged(): BerthError {
  return new BerthError(
    'invalid-signature',
    'The body that arrived does not have the SHA-256 that was signed in x-amz-content-sha256.',
  );
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
