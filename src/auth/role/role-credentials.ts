import { createHmac, hkdfSync } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RolePrincipal } from '../principal.ts';
import { createSignedTokens, type SignedTokens } from '../signed-token.ts';

/** What an agent's AWS SDK signs with, as the role of its runtime. */
export interface TemporaryCredentials {
  /** `ASIA` and 16 characters. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Goes with every request that is signed with them. */
  readonly sessionToken: string;
  readonly issuedAtMs: number;
  /** SDKs ask for new ones 5 to 15 minutes before. */
  readonly expiresAtMs: number;
}

export interface RoleCredentialsParts {
  readonly serverSecret: Uint8Array;
  readonly clock: Pick<Clock, 'now'>;
}

export const roleTokenPrefix = 'berth-role.';

const lifetimeMs = 3_600_000;
const placeholderLifetimeMs = 60_000;
const claimsSchema = z.object({
  runtimeId: z.string(),
  sessionId: z.string(),
  incarnation: z.number(),
  sandboxId: z.string(),
  expiresAtMs: z.number(),
});
/** Whom they are of, and until when. */
type Claims = z.infer<typeof claimsSchema>;
const idAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/**
 * Short-lived keys of one incarnation of a session. All of them follow from the server's secret and what the session token says, so
 * that they are good after a restart and for the next server, and nothing of them is kept.
 */
export class RoleCredentials {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tokens: SignedTokens<Claims>;
  readonly #key: Buffer;

  constructor({ serverSecret, clock }: RoleCredentialsParts) {
    this.#clock = clock;
    this.#tokens = createSignedTokens({ serverSecret, purpose: 'role token', payload: claimsSchema });
    this.#key = Buffer.from(hkdfSync('sha256', serverSecret, '', 'berth role keys', 32));
  }

  issue(role: RolePrincipal): TemporaryCredentials {
    const issuedAtMs = this.#clock.now();
    const expiresAtMs = issuedAtMs + lifetimeMs;
    const { runtimeId, sessionId, incarnation, sandboxId } = role;
    const claims = { runtimeId, sessionId, incarnation, sandboxId, expiresAtMs };
    const sessionToken = roleTokenPrefix + this.#tokens.sign(claims, expiresAtMs);
    return {
      accessKeyId: this.#idOf(sessionToken),
      secretAccessKey: this.#secretOf(sessionToken),
      sessionToken,
      issuedAtMs,
      expiresAtMs,
    };
  }

  /**
   * What a sandbox without a session is told: it opens nothing, but lets an SDK that looks for credentials when a client is made make
   * it. SDKs ask again when they sign, since so little time is left. A call that is signed with it all the same is refused before a
   * session claims the sandbox, and then acts as the role by its address.
   */
  placeholder(): TemporaryCredentials {
    const issuedAtMs = this.#clock.now();
    return {
      accessKeyId: 'ASIANOSESSIONNOSESSI',
      secretAccessKey: 'there-is-no-secret-without-a-session----',
      sessionToken: 'no-session',
      issuedAtMs,
      expiresAtMs: issuedAtMs + placeholderLifetimeMs,
    };
  }

  /** Whether an access key id is one of these, of whatever session; others are of AWS or somebody else. */
  isOwnId(accessKeyId: string): boolean {
    const [, name = '', proof] = /^ASIA([A-Z2-7]{8})([A-Z2-7]{8})$/.exec(accessKeyId) ?? [];
    return proof !== undefined && proof === this.#proofOf(name);
  }

  /** The secret of credentials that are `role`'s; throws `unrecognized-client` when they are another's, forged or over. */
  secretFor(role: RolePrincipal, accessKeyId: string, sessionToken: string | undefined): string {
    if (sessionToken?.startsWith(roleTokenPrefix) !== true)
      throw refused("The credentials of a runtime's role go with a session token (X-Amz-Security-Token).");
    // Whether they are over is told apart from forgeries, so the time is looked at below.
    const claims = this.#tokens.open(sessionToken.slice(roleTokenPrefix.length), 0);
    if (claims === undefined || accessKeyId !== this.#idOf(sessionToken))
      throw refused('The session token is not one that this server gave to a runtime.');
    if (!isOf(role, claims)) throw refused('The credentials were given to another session.');
    if (this.#clock.now() >= claims.expiresAtMs)
      throw refused(
        "The credentials are over; the SDK's default credential provider fetches new ones in time.",
      );
    return this.#secretOf(sessionToken);
  }

  #idOf(sessionToken: string): string {
    const name = idText(this.#mac(`name ${sessionToken}`));
    return `ASIA${name}${this.#proofOf(name)}`;
  }

  #proofOf(name: string): string {
    return idText(this.#mac(`proof ${name}`));
  }

  /** 40 characters, as AWS's have. */
  #secretOf(sessionToken: string): string {
    return this.#mac(`secret ${sessionToken}`).subarray(0, 30).toString('base64');
  }

  #mac(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}

function isOf(role: RolePrincipal, claims: Claims): boolean {
  return (
    role.runtimeId === claims.runtimeId &&
    role.sessionId === claims.sessionId &&
    role.incarnation === claims.incarnation &&
    role.sandboxId === claims.sandboxId
  );
}

function idText(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 8)].map((byte) => idAlphabet[byte % idAlphabet.length]).join('');
}

function refused(message: string): BerthError {
  return new BerthError('unrecognized-client', message);
}
