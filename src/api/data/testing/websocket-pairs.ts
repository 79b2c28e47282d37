import { once } from 'node:events';
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { FakeClock } from '../../../../test/fakes/fake-clock.ts';
import type { UpgradeListener } from '../../../../test/fakes/fake-sandbox-driver.ts';
import { DataPlaneFixture, type FixtureOptions } from './data-plane-fixture.ts';
import type { WebSocketAgent } from './websocket-agent.ts';
import { connectWebSocket, type WebSocketCall } from './websocket-client.ts';

/** A data plane whose agents take WebSockets in this way, and 404 for all else. */
export function openWithAgent(onUpgrade: UpgradeListener | undefined, options: FixtureOptions = {}) {
  return DataPlaneFixture.open((_request, response) => response.writeHead(404).end(), {
    ...options,
    ...(onUpgrade && { onUpgrade }),
  });
}

/** Resolves with the head of the answer when the WebSocket is open. */
export async function connect(fixture: DataPlaneFixture, call: WebSocketCall = {}) {
  const socket = connectWebSocket(fixture, call);
  const [[answer]] = (await Promise.all([once(socket, 'upgrade'), once(socket, 'open')])) as [
    [{ headers: Record<string, string | undefined> }],
    unknown,
  ];
  return { socket, headers: answer.headers };
}

/** Both ends of one connection. */
export async function connectBoth(
  fixture: DataPlaneFixture,
  agent: WebSocketAgent,
  call: WebSocketCall = {},
) {
  const [{ socket: caller, headers }, { socket, request }] = await Promise.all([
    connect(fixture, call),
    agent.next,
  ]);
  return { caller, agent: socket, headers, request };
}

/** What an echo answers. */
export async function reply(socket: WebSocket, data: string | Buffer): Promise<string | Buffer> {
  const answer = once(socket, 'message') as Promise<[Buffer, boolean]>;
  socket.send(data);
  const [bytes, isBinary] = await answer;
  return isBinary ? bytes : bytes.toString();
}

export function rawSocket(socket: WebSocket): Socket {
  return (socket as unknown as { _socket: Socket })._socket;
}

/** What the log was told, as soon as it is. */
export async function ended(fixture: DataPlaneFixture, clock?: FakeClock) {
  for (;;) {
    const [end] = fixture.webSocketEnds;
    if (end !== undefined) return end;
    await (clock?.settle() ?? new Promise((resolve) => setImmediate(resolve)));
  }
}
