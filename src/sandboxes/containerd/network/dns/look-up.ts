import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';
import { decode, type DecodedPacket, encode, RECURSION_DESIRED, TRUNCATED_RESPONSE } from 'dns-packet';

import { BerthError } from '../../../../shared/errors.ts';
import { readFramed, writeFramed } from './framing.ts';

/** A resolver of the host's own; any address and port that the host reaches. */
export interface Resolver {
  readonly host: string;
  readonly port: number;
}

export interface LookUpAnswer {
  /** IPv4; empty when the name has none. */
  readonly addresses: readonly string[];
  /** The least of all records on the way, seconds. */
  readonly ttlS: number;
  /** There is no such name at all. */
  readonly isUnknown: boolean;
}

export interface LookUpParts {
  /** Asked one after the other until one answers. */
  readonly resolvers: () => Promise<readonly Resolver[]>;
}

export type LookUp = (name: string) => Promise<LookUpAnswer>;

const attemptMs = 2_000;
/** A chain of aliases may be this long. */
const mostAliases = 8;

/** IPv4 addresses of a name, from the host's resolvers. Rejects with `unavailable` when none of them answers. */
export function createLookUp({ resolvers }: LookUpParts): LookUp {
  return async (name) => {
    for (const resolver of await resolvers()) {
      const answer = await ask(resolver, name).catch(() => undefined);
      if (answer !== undefined) return answer;
    }
    throw new BerthError('unavailable', 'No resolver of this machine answers.');
  };
}

/** Undefined when the resolver has no answer to give. */
async function ask(resolver: Resolver, name: string): Promise<LookUpAnswer | undefined> {
  const query = encode({
    type: 'query',
    id: randomInt(0, 65_536),
    flags: RECURSION_DESIRED,
    questions: [{ type: 'A', class: 'IN', name }],
  });
  const short = await askByUdp(resolver, query, name);
  const isShortened = ((short.flags ?? 0) & TRUNCATED_RESPONSE) !== 0;
  return readAnswer(isShortened ? await askByTcp(resolver, query, name) : short, name);
}

/** From a port of its own that takes packets from the resolver only, which makes forging an answer hard. */
function askByUdp({ host, port }: Resolver, query: Buffer, name: string): Promise<DecodedPacket> {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  return new Promise<DecodedPacket>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer')), attemptMs);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      act();
    };
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('message', (message) => {
      const packet = matching(message, query, name);
      if (packet !== undefined) settle(() => resolve(packet));
    });
    // Node calls back with an error, too, which its types do not say: to send then would throw past everybody.
    socket.connect(port, host, (error?: Error) => {
      if (error === undefined) socket.send(query);
      else settle(() => reject(error));
    });
  }).finally(() => socket.close());
}

async function askByTcp({ host, port }: Resolver, query: Buffer, name: string): Promise<DecodedPacket> {
  const socket = connect({ host, port });
  socket.setTimeout(attemptMs, () => socket.destroy(new Error('no answer')));
  try {
    socket.write(writeFramed(query));
    for await (const message of readFramed(socket, 65_535)) {
      const packet = matching(message, query, name);
      if (packet !== undefined) return packet;
    }
    throw new Error('no answer');
  } finally {
    socket.destroy();
  }
}

/** The answer to the query, and to nothing else. */
function matching(message: Buffer, query: Buffer, name: string): DecodedPacket | undefined {
  try {
    const packet = decode(message);
    const [question] = packet.questions ?? [];
    const isOurs =
      packet.type === 'response' && packet.id === query.readUInt16BE(0) && question?.type === 'A';
    return isOurs && question.name.toLowerCase() === name ? packet : undefined;
  } catch {
    return undefined;
  }
}

/** Follows aliases from the name that was asked for; records of other names say nothing. */
function readAnswer(packet: DecodedPacket, name: string): LookUpAnswer | undefined {
  const code = (packet.flags ?? 0) & 0xf;
  if (code === nameError) return { addresses: [], ttlS: 0, isUnknown: true };
  if (code !== 0) return undefined;
  const records = packet.answers ?? [];
  let current = name;
  let ttlS = Number.MAX_SAFE_INTEGER;
  for (let aliases = 0; aliases <= mostAliases; aliases++) {
    const own = records.filter((record) => record.name.toLowerCase() === current);
    const found = own.flatMap((record) => (record.type === 'A' ? [record] : []));
    if (found.length > 0) {
      ttlS = Math.min(ttlS, ...found.map((record) => record.ttl ?? 0));
      return { addresses: found.map((record) => record.data), ttlS, isUnknown: false };
    }
    const [alias] = own.flatMap((record) => (record.type === 'CNAME' ? [record] : []));
    if (alias === undefined) break;
    ttlS = Math.min(ttlS, alias.ttl ?? 0);
    current = alias.data.toLowerCase();
  }
  return { addresses: [], ttlS: 0, isUnknown: false };
}

const nameError = 3;
