import type { ClientAuth } from 'openid-client';

/**
 * `client_secret_basic` (RFC 6749, 2.3.1 and appendix B). The library's own also encodes characters that forms leave as they are, such
 * as hyphens and underscores; servers that do not decode, of which there are many, would take that for another client.
 */
export function clientSecretBasic(secret: string): ClientAuth {
  return (_server, client, _body, headers) => {
    const credentials = `${formEncoded(client.client_id)}:${formEncoded(secret)}`;
    headers.set('authorization', `Basic ${Buffer.from(credentials).toString('base64')}`);
  };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ '': text }).toString().slice(1);
}
