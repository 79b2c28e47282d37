import type { ClientAuth } from 'openid-client';
import type { Clock } from '../../shared/clock.ts';
import { type RandomSource, randomText } from '../../shared/ids.ts';
import type { ClientAuthentication, OauthProvider } from '../providers/credential-provider.ts';
import type { KeyRing } from '../vault/key-ring.ts';

export interface KeyRingAssertionParts {
  readonly keyRing: Pick<KeyRing, 'sign'>;
  readonly clock: Clock;
  readonly random: RandomSource;
}

type PrivateKeyJwt = Extract<ClientAuthentication, { kind: 'private-key-jwt' }>;

const lifetimeS = 60;

/**
 * `private_key_jwt` (RFC 7523, 2.2) with a key that never leaves the key ring. The audience is the server's issuer, since one that
 * names an endpoint could be lured to another server (draft rfc7523bis); a provider that wants its token endpoint
 * named gets it by an additional claim `aud`, which was held to the provider's own endpoints when it was made.
 */
export function keyRingAssertion(
  parts: KeyRingAssertionParts,
  provider: OauthProvider,
  authentication: PrivateKeyJwt,
): ClientAuth {
  const { keyRing, clock, random } = parts;
  const { keyArn, algorithm, headerClaims, payloadClaims } = authentication;
  // Signing with the key ring takes a promise. openid-client's type says that nothing is returned, but what it hands this to is
  // oauth4webapi, whose own ClientAuth is `void | Promise<void>` and is awaited: its PrivateKeyJwt is such a function, too.
  const authenticate: (...sent: Parameters<ClientAuth>) => unknown = async (server, client, body) => {
    const nowS = Math.floor(clock.now() / 1000);
    const header = { ...headerClaims, typ: 'JWT', alg: algorithm };
    const claims = {
      aud: server.issuer,
      ...payloadClaims,
      iss: client.client_id,
      sub: client.client_id,
      jti: randomText(random, 32),
      iat: nowS,
      nbf: nowS,
      exp: nowS + lifetimeS,
    };
    const signed = `${encoded(header)}.${encoded(claims)}`;
    const signature = await keyRing.sign(provider, keyArn, algorithm, Buffer.from(signed));
    body.set('client_id', client.client_id);
    body.set('client_assertion_type', 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer');
    body.set('client_assertion', `${signed}.${Buffer.from(signature).toString('base64url')}`);
  };
  return authenticate;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}
