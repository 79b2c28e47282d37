import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { IssuerClient } from './issuer-client.ts';

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
 * Reads the discovery document and then the keys it names. The document says what the issuer is called: some (Microsoft's) have
 * another name than their URL, and the URL is the one that the runtime's owner trusts.
 */
export function describeOverHttp(client: Pick<IssuerClient, 'fetchJson'>): DescribeIssuer {
  return async (discoveryUrl) => {
    const document = parse(documentSchema, await client.fetchJson(new URL(discoveryUrl)), discoveryUrl);
    const jwks = parse(jwksSchema, await client.fetchJson(new URL(document.jwks_uri)), document.jwks_uri);
    return { name: document.issuer, jwks };
  };
}

function parse<Value>(schema: z.ZodType<Value>, value: unknown, url: string): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${url} is not what an issuer serves: ${problems.join('; ')}`);
}
