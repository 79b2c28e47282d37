import { createHash } from 'node:crypto';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import type { Socket } from 'node:net';
import { protocolPorts } from '../../runtimes/runtime.ts';
import type { SessionLease } from '../../sessions/session-lease.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { agentAnswered, agentFailed } from '../agent-errors.ts';

export interface AgentHandshakeParts {
  readonly lease: Pick<SessionLease, 'address' | 'version' | 'onGone' | 'whyGone'>;
  /** For the agent; those of the handshake itself are added. */
  readonly headers: Readonly<Record<string, string>>;
  /** The caller's Sec-WebSocket-Key: the handshake is end to end. */
  readonly key: string;
  /** The caller's offer of extensions. */
  readonly extensions: string | undefined;
  readonly clock: Clock;
  /** The caller goes away. */
  readonly signal: AbortSignal;
}

export interface AgentWebSocket {
  readonly socket: Socket;
  /** What the agent agreed to, for the caller. */
  readonly accept: string;
  readonly extensions: string | undefined;
}

const path = '/ws';
const answerLimitMs = 60_000;
const maxHeaderSize = 64 * 1024;
const acceptSuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * The agent's end of a WebSocket (contract 4.1). Rejects with `runtime-client-error` when the agent does not take it, with why its
 * sandbox is gone, or with the signal's reason.
 */
export async function openAgentWebSocket(parts: AgentHandshakeParts): Promise<AgentWebSocket> {
  const { lease, key, signal } = parts;
  try {
    const [response, socket] = await shakeHands(parts);
    const problem = problemOf(response, key);
    if (problem === undefined) {
      const { headers } = response;
      return { socket, accept: acceptFor(key), extensions: headers['sec-websocket-extensions'] };
    }
    socket.destroy();
    throw new BerthError('runtime-client-error', `${problem} Its log may say why.`);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BerthError) throw error;
    const failure = error instanceof Error ? error : new Error(String(error));
    throw (await lease.whyGone()) ?? agentFailed(failure, lease.version.protocol);
  }
}

function shakeHands(parts: AgentHandshakeParts): Promise<[IncomingMessage, Socket]> {
  const { lease, headers, key, extensions, clock, signal } = parts;
  return new Promise((resolve, reject) => {
    const request = httpRequest({
      host: lease.address.host,
      port: protocolPorts[lease.version.protocol],
      path,
      agent: false,
      maxHeaderSize,
      signal,
      headers: {
        ...headers,
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': key,
        ...(extensions !== undefined && { 'sec-websocket-extensions': extensions }),
      },
    });
    const forget = lease.onGone((error) => request.destroy(error));
    const cancel = clock.after(answerLimitMs, () => request.destroy(tooLate()));
    request.once('close', () => {
      forget();
      cancel();
    });
    request.on('error', reject);
    request.once('response', (response) => {
      reject(refused(response.statusCode ?? 0));
      request.destroy();
    });
    request.once('upgrade', (response, socket: Socket, head) => {
      forget();
      cancel();
      // Until somebody follows it.
      socket.on('error', () => {});
      if (head.length > 0) socket.unshift(head);
      resolve([response, socket]);
    });
    request.end();
  });
}

/** What is wrong with an answer that grants the upgrade (RFC 6455, 4.1). */
function problemOf({ headers }: IncomingMessage, key: string): string | undefined {
  if (headers.upgrade?.toLowerCase() !== 'websocket')
    return 'The agent switched to another protocol than WebSocket.';
  if (headers['sec-websocket-accept'] !== acceptFor(key))
    return "The agent's Sec-WebSocket-Accept does not belong to the key that it was sent.";
  if (headers['sec-websocket-protocol'] !== undefined)
    return 'The agent chose a sub-protocol, and none was offered to it.';
  return undefined;
}

function acceptFor(key: string): string {
  return createHash('sha1')
    .update(key + acceptSuffix)
    .digest('base64');
}

function refused(status: number): BerthError {
  if (status >= 400) return agentAnswered(status);
  return new BerthError(
    'runtime-client-error',
    `The agent answered ${status} to a WebSocket handshake at ${path}; expected 101. Its log may say why.`,
  );
}

function tooLate(): BerthError {
  return new BerthError(
    'runtime-client-error',
    `The agent did not answer the WebSocket handshake at ${path} within ${answerLimitMs / 1_000} seconds. Its log may say why.`,
  );
}
