import type { IncomingMessage } from 'node:http';
import { BerthError, invalidField } from '../../../shared/errors.ts';

/** The one sub-protocol there is: how browsers, which set no headers, hand in a bearer token (contract 1.4). */
export const bearerSubprotocol = 'base64UrlBearerAuthorization';

/** Of the encoded token; AWS's own clients send no more. */
const longestToken = 4_096;
const header = 'Sec-WebSocket-Protocol';

/** The token in the offered sub-protocols, undefined when none is offered. Throws `validation` for any other offer. */
export function readBearerSubprotocol({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  const offered = (headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
  if (offered.length === 0) return undefined;
  const [encoded, ...others] = offered
    .filter((name) => name.startsWith(`${bearerSubprotocol}.`))
    .map((name) => name.slice(bearerSubprotocol.length + 1));
  if (
    encoded === undefined ||
    others.length > 0 ||
    offered.length !== 2 ||
    !offered.includes(bearerSubprotocol)
  ) {
    throw invalidField(
      header,
      `Of sub-protocols only the pair '${bearerSubprotocol}.TOKEN' and '${bearerSubprotocol}' is supported, where TOKEN is a bearer token in base64url. Offer both, or none.`,
    );
  }
  if (headers.authorization !== undefined) {
    throw new BerthError(
      'validation',
      'The request has a bearer token among its sub-protocols and an Authorization header as well; send one of them.',
    );
  }
  const token = Buffer.from(encoded, 'base64url').toString('latin1');
  if (encoded.length > longestToken || !/^[\w-]+$/.test(encoded) || !/^[\x21-\x7e]+$/.test(token)) {
    throw invalidField(
      header,
      `The bearer token among the sub-protocols must be printable ASCII in base64url without padding, at most ${longestToken} characters.`,
    );
  }
  return token;
}
