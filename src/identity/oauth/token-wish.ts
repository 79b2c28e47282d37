import { createHash } from 'node:crypto';
import { invalidField } from '../../shared/errors.ts';

/** What a token is wanted for, in an order of its own: equal wishes are equal texts. */
export interface TokenWish {
  readonly scopes: readonly string[];
  /** RFC 8707. */
  readonly resources: readonly string[];
  readonly audiences: readonly string[];
}

/** Throws `validation` for a scope that could not be sent (RFC 6749, 3.3). A text of several scopes counts as these. */
export function newTokenWish(given: {
  readonly scopes: readonly string[];
  readonly resources?: readonly string[] | undefined;
  readonly audiences?: readonly string[] | undefined;
}): TokenWish {
  const scopes = given.scopes.flatMap((text) => text.split(' ')).filter((scope) => scope !== '');
  if (!scopes.every((scope) => /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope)))
    throw invalidField(
      'scopes',
      'A scope has only printable ASCII characters without quotes and backslashes.',
    );
  return {
    scopes: ordered(scopes),
    resources: ordered(given.resources ?? []),
    audiences: ordered(given.audiences ?? []),
  };
}

/** As parameters of a request: repeated where there are several (RFC 8693, 2.1; RFC 8707, 2). */
export function wishParameters({ scopes, resources, audiences }: TokenWish): URLSearchParams {
  const parameters = new URLSearchParams();
  if (scopes.length > 0) parameters.set('scope', scopes.join(' '));
  for (const resource of resources) parameters.append('resource', resource);
  for (const audience of audiences) parameters.append('audience', audience);
  return parameters;
}

/** What a token request repeats of them (RFC 8707, 2.2). */
export function resourceParameters({ resources }: TokenWish): URLSearchParams {
  return wishParameters({ scopes: [], resources, audiences: [] });
}

/** One text of fixed length for any list of texts, whatever characters they have. */
export function digestOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

function ordered(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].sort();
}
