import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type ServerOptions, type WebSocket, WebSocketServer } from 'ws';
import type { UpgradeListener } from '../../../../test/fakes/fake-sandbox-driver.ts';

export interface AgentConnection {
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
}

/** An agent that echoes, and whose ends of connections are in the test's hands. */
export class WebSocketAgent {
  readonly requests: IncomingMessage[] = [];
  readonly #server: WebSocketServer;
  #next = Promise.withResolvers<AgentConnection>();

  constructor(options: ServerOptions = {}) {
    this.#server = new WebSocketServer({ noServer: true, ...options });
  }

  /** The one that comes first from now on. */
  get next(): Promise<AgentConnection> {
    return this.#next.promise;
  }

  readonly onUpgrade: UpgradeListener = (request, socket, head) => {
    this.requests.push(request);
    this.#server.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }));
      webSocket.on('error', () => {});
      this.#next.resolve({ socket: webSocket, request });
      this.#next = Promise.withResolvers();
    });
  };
}

/** Code and reason of the Close that a WebSocket gets. */
export async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}
