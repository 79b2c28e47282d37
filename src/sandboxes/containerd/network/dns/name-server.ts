import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';

import type { Clock } from '../../../../shared/clock.ts';
import { BerthError, messageOf } from '../../../../shared/errors.ts';
import { type AnswerParts, answerQuery } from './answer-query.ts';
import { readFramed, writeFramed } from './framing.ts';
import { createLookUpBudget } from './look-up-budget.ts';

export interface NameServerOptions extends AnswerParts {
  /** The gateway's address, and a port there for UDP and TCP. */
  readonly host: string;
  readonly port: number;
  readonly clock: Pick<Clock, 'now'>;
}

/** A query has one name of at most 255 bytes, and options. */
const mostQueryBytes = 1_232;
const connectionsPerSandbox = 8;
const idleMs = 10_000;

/**
 * Berth's name server for sandboxes with an allow-list. A sandbox that asks faster than `lookUpLimits` gets no answer, as if
 * the packet had been lost. Rejects with `unavailable` when the port is taken.
 */
export async function openNameServer(options: NameServerOptions): Promise<AsyncDisposable> {
  const { host, port, clock } = options;
  const budget = createLookUpBudget({ clock });
  // A second server of the same home may listen as well while it takes over.
  const udp = createSocket({ type: 'udp4', reusePort: true });
  const connections = new Map<Socket, string>();
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    const source = socket.remoteAddress ?? '';
    const isOneTooMany =
      [...connections.values()].filter((other) => other === source).length >= connectionsPerSandbox;
    if (isOneTooMany) return void socket.destroy();
    connections.set(socket, source);
    socket.on('close', () => connections.delete(socket));
    socket.setTimeout(idleMs, () => socket.destroy());
    void serveConnection(socket, source).catch(() => socket.destroy());
  });

  async function answer(message: Buffer, source: string): Promise<Buffer | undefined> {
    if (message.length > mostQueryBytes) return undefined;
    using place = budget.enter(source);
    return place === undefined ? undefined : await answerQuery(options, message, source);
  }

  async function serveConnection(socket: Socket, source: string): Promise<void> {
    for await (const message of readFramed(socket, mostQueryBytes)) {
      const answered = await answer(message, source);
      if (answered === undefined) break;
      // Whoever asks without reading the answers would fill the memory.
      if (!socket.write(writeFramed(answered))) break;
    }
    socket.end();
  }

  udp.on('message', (message, { address, port: from }) => {
    answer(message, address)
      .then((answered) => answered !== undefined && udp.send(answered, from, address, () => {}))
      // Nobody to tell: to the sandbox it is a lost packet. The socket may be closed by now.
      .catch(() => {});
  });

  async function close(): Promise<void> {
    for (const socket of connections.keys()) socket.destroy();
    await Promise.all([
      new Promise<void>((resolve) => tcp.close(() => resolve())),
      new Promise<void>((resolve) => udp.close(() => resolve())),
    ]);
  }

  const listening = await Promise.allSettled([
    new Promise<void>((resolve, reject) => {
      udp.once('error', reject);
      udp.bind(port, host, resolve);
    }),
    new Promise<void>((resolve, reject) => {
      tcp.once('error', reject);
      tcp.listen({ port, host, reusePort: true }, resolve);
    }),
  ]);
  udp.on('error', () => {});
  tcp.on('error', () => {});
  const failure = listening.find(({ status }) => status === 'rejected');
  if (failure?.status === 'rejected') {
    await close();
    throw new BerthError(
      'unavailable',
      `The name server for sandboxes cannot listen at ${host}:${port}: ${messageOf(failure.reason)}`,
      { cause: failure.reason },
    );
  }
  let closing: Promise<void> | undefined;
  return { [Symbol.asyncDispose]: () => (closing ??= close()) };
}
