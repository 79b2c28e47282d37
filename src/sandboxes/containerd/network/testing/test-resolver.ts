import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { type Answer, decode, encode, TRUNCATED_RESPONSE } from 'dns-packet';

import { readFramed, writeFramed } from '../dns/framing.ts';
import type { Resolver } from '../dns/look-up.ts';

/** A resolver on loopback that answers from what a test puts in. */
export interface TestResolver extends AsyncDisposable {
  readonly resolver: Resolver;
  /** Answers by name, in lower case; others do not exist. */
  readonly zone: Map<string, readonly Answer[]>;
  /** Names answered only over TCP. */
  readonly large: Set<string>;
  /** Names never answered. */
  readonly silent: Set<string>;
  readonly asked: string[];
}

export async function openTestResolver(): Promise<TestResolver> {
  const zone = new Map<string, readonly Answer[]>();
  const large = new Set<string>();
  const silent = new Set<string>();
  const asked: string[] = [];
  const udp = createSocket('udp4');

  function answer(message: Buffer, overTcp: boolean): Buffer | undefined {
    const query = decode(message);
    const name = query.questions?.[0]?.name.toLowerCase() ?? '';
    asked.push(name);
    if (silent.has(name)) return undefined;
    const answers = zone.get(name);
    const isShortened = large.has(name) && !overTcp;
    return encode({
      type: 'response',
      id: query.id,
      flags: isShortened ? TRUNCATED_RESPONSE : answers === undefined ? 3 : 0,
      questions: query.questions,
      answers: isShortened ? [] : [...(answers ?? [])],
    });
  }

  udp.on('message', (message, { port, address }) => {
    const answered = answer(message, false);
    if (answered !== undefined) udp.send(answered, port, address);
  });
  await new Promise<void>((resolve) => udp.bind(0, '127.0.0.1', resolve));
  const { port } = udp.address();
  const tcp = createServer((socket) => {
    socket.on('error', () => {});
    void (async () => {
      for await (const message of readFramed(socket, 65_535)) {
        const answered = answer(message, true);
        if (answered !== undefined) socket.write(writeFramed(answered));
      }
    })();
  });
  await new Promise<void>((resolve) => tcp.listen(port, '127.0.0.1', resolve));
  return {
    resolver: { host: '127.0.0.1', port },
    zone,
    large,
    silent,
    asked,
    async [Symbol.asyncDispose]() {
      tcp.close();
      await new Promise<void>((resolve) => udp.close(() => resolve()));
    },
  };
}

export function addressRecord(name: string, data: string, ttl = 300): Answer {
  return { type: 'A', class: 'IN', name, ttl, data };
}

export function aliasRecord(name: string, data: string, ttl = 300): Answer {
  return { type: 'CNAME', class: 'IN', name, ttl, data };
}
