import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { IssuerClient } from './issuer-client.ts';
import { issuerOf, mayBeNamed } from '../../shared/issuer-name.ts';

/** Who signs tokens, and the public keys that prove it. */
export interface Issuer {
  /** What tokens have as `iss`. */
  readonly name: string;
  readonly jwks: JSONWebKeySet;
}

/** Finds out about an issuer. Rejects with an `Error` that says why it could not, for the log. */
export type DescribeIssuer = (discoveryUrl: string) => Promise<Issuer>;

const documentSchema = z.object({ issuer: z.string().min(1).max(2_048), jwks_uri: z.url().max(2_048) });
const jwksSchema = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

/**
 * Reads the discovery document and then the keys it names. `names` are those that the operator gave issuers, by discovery URL;
 * all others are called what their document says, if they may be.
 */
export function describeOverHttp(
  client: Pick<IssuerClient, 'fetchJson'>,
  names: ReadonlyMap<string, string> = new Map(),
): DescribeIssuer {
  return async (discoveryUrl) => {
    const document = parse(documentSchema, await client.fetchJson(new URL(discoveryUrl)), discoveryUrl);
    const name = names.get(discoveryUrl) ?? ownName(discoveryUrl, document.issuer);
    const jwks = parse(jwksSchema, await client.fetchJson(new URL(document.jwks_uri)), document.jwks_uri);
    return { name, jwks };
  };
}

function ownName(discoveryUrl: string, name: string): string {
  if (mayBeNamed(discoveryUrl, name)) return name;
  throw new Error(
    `${discoveryUrl} calls its issuer ${JSON.stringify(name)} and not ${issuerOf(discoveryUrl)}, to which it belongs; if that is right, name it in BERTH_ISSUER_NAMES`,
  );
}

function parse<Value>(schema: z.ZodType<Value>, value: unknown, url: string): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${url} is not what an issuer serves: ${problems.join('; ')}`);
}
