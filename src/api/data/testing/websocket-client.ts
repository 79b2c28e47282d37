import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { type ClientOptions, WebSocket } from 'ws';
import { type DataPlaneFixture, echoPath } from './data-plane-fixture.ts';

export interface WebSocketCall {
  readonly path?: string;
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly options?: ClientOptions;
  /** Called with the head of a granted answer, before any message. */
  readonly onUpgrade?: (socket: WebSocket, headers: IncomingMessage['headers']) => void;
}

/** A client of the fixture's own that has begun to connect. */
export function connectWebSocket(fixture: DataPlaneFixture, call: WebSocketCall = {}): WebSocket {
  const { path = `${echoPath}/ws`, protocols = [], headers, options, onUpgrade } = call;
  const authorization = protocols.length === 0 ? { authorization: 'KEY application' } : {};
  const socket = new WebSocket(`ws://127.0.0.1:${fixture.port}${path}`, [...protocols], {
    perMessageDeflate: false,
    ...options,
    headers: { ...authorization, ...headers },
  });
  if (onUpgrade !== undefined) socket.once('upgrade', (answer) => onUpgrade(socket, answer.headers));
  return socket;
}

/** The answer to a request that is not to become a WebSocket. */
export async function refusalOf(fixture: DataPlaneFixture, call: WebSocketCall = {}) {
  const [, response] = (await once(connectWebSocket(fixture, call), 'unexpected-response')) as [
    unknown,
    IncomingMessage,
  ];
  const { statusCode: status = 0, headers } = response;
  const { message } = JSON.parse(await text(response)) as { message: string };
  return { status, error: String(headers['x-amzn-errortype']), message, headers };
}
