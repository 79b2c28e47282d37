import type { IncomingMessage } from 'node:http';
import { invalidField } from '../../../shared/errors.ts';

/** What a caller says in a WebSocket handshake (RFC 6455, 4.1). */
export interface Handshake {
  readonly key: string;
  /** The offer, as it arrived: agent and caller negotiate end to end. */
  readonly extensions: string | undefined;
}

/** Whether a request asks to go on as a WebSocket. */
export function asksForWebSocket({ headers }: Pick<IncomingMessage, 'headers'>): boolean {
  return listed(headers.upgrade).includes('websocket') && listed(headers.connection).includes('upgrade');
}

/** Throws `validation` for what no WebSocket client sends. */
export function readHandshake({ headers }: Pick<IncomingMessage, 'headers'>): Handshake {
  // Clients that were given AWS's signed headers send some of them twice; what the client itself made comes first.
  const [key = ''] = listed(headers['sec-websocket-key'], (text) => text);
  const [version] = listed(headers['sec-websocket-version']);
  if (version !== '13') throw invalidField('Sec-WebSocket-Version', 'Sec-WebSocket-Version must be 13.');
  if (!/^[A-Za-z0-9+/]{22}==$/.test(key))
    throw invalidField('Sec-WebSocket-Key', 'Sec-WebSocket-Key must be 16 bytes in base64.');
  if (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
    throw invalidField('body', 'A WebSocket request has no body.');
  return { key, extensions: headers['sec-websocket-extensions'] };
}

function listed(value: string | undefined, of = (text: string) => text.toLowerCase()): string[] {
  return value === undefined ? [] : value.split(',').map((text) => of(text.trim()));
}
