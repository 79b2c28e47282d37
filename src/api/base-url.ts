import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';

/** The server's address as the caller knows it; undefined without a Host that is one. */
export function originOf({
  socket,
  headers,
}: Pick<IncomingMessage, 'socket' | 'headers'>): string | undefined {
  const { encrypted } = socket as Partial<TLSSocket>;
  return URL.parse(`${encrypted === true ? 'https' : 'http'}://${headers.host ?? ''}`)?.origin;
}
