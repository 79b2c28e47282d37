import type { IncomingMessage } from 'node:http';
import type { AccessContext } from '../auth/access-context.ts';

/** What a request itself says for its authorisation. No header counts: whoever calls could write it. */
export function accessContextOf(
  { socket }: Pick<IncomingMessage, 'socket'>,
  requestId: string,
): AccessContext {
  return {
    requestId,
    sourceIp: socket.remoteAddress,
    isSecure: 'encrypted' in socket && socket.encrypted === true,
  };
}
