import { decode, type DecodedPacket, encode, RECURSION_AVAILABLE, RECURSION_DESIRED } from 'dns-packet';

import type { EgressPolicy } from '../../../egress-policy.ts';
import { isOpenAddress } from '../closed-ranges.ts';
import { type Ipv4Range, parseRange } from '../ipv4.ts';
import { allowedPorts } from './allowed-ports.ts';
import type { LookUp } from './look-up.ts';

export interface AnswerParts {
  readonly lookUp: LookUp;
  /** Of the sandbox at an address. */
  readonly policyOf: (source: string) => EgressPolicy | undefined;
  /** Names that mean the host. */
  readonly hostAliases: Readonly<Record<string, string>>;
  readonly allowedRanges: readonly Ipv4Range[];
  /** Opens addresses to a sandbox for at least `ttlS`; false when it has too many open. */
  readonly open: (opening: Opening) => Promise<boolean>;
}

export interface Opening {
  readonly source: string;
  readonly addresses: readonly string[];
  readonly ports: readonly (number | undefined)[];
  readonly ttlS: number;
}

/**
 * Answers one query of a sandbox, or undefined for what is no query. Only IPv4 addresses of allowed names are answered, and
 * only when the firewall lets the sandbox through to them by then. A name that is not allowed does not exist; addresses in
 * closed ranges are left out. Aliases are followed here and not told, so that they carry nothing either way.
 */
export async function answerQuery(
  parts: AnswerParts,
  message: Buffer,
  source: string,
): Promise<Buffer | undefined> {
  const query = parseQuery(message);
  if (query === undefined) return undefined;
  const [question, ...others] = query.questions ?? [];
  if (question === undefined || others.length > 0) return reply(query, codes.malformed);
  if ((((query.flags ?? 0) >> 11) & 0xf) !== 0) return reply(query, codes.notImplemented);
  const policy = parts.policyOf(source);
  if (policy?.kind !== 'allow-list') return reply(query, codes.refused);
  const name = question.name.toLowerCase();
  const alias = Object.hasOwn(parts.hostAliases, name) ? parts.hostAliases[name] : undefined;
  const ports = isHostName(name) ? allowedPorts(policy.destinations, name) : [];
  if (alias === undefined && ports.length === 0) return reply(query, codes.noSuchName);
  if (question.type !== 'A' || (question.class ?? 'IN') !== 'IN') return reply(query, codes.ok);
  if (alias !== undefined) return reply(query, codes.ok, { addresses: [alias], ttlS: aliasTtlS });
  try {
    const found = await parts.lookUp(name);
    if (found.isUnknown) return reply(query, codes.noSuchName);
    const addresses = found.addresses
      .filter((address) => isOpen(address, parts.allowedRanges))
      .slice(0, mostAddresses);
    if (addresses.length === 0) return reply(query, found.addresses.length > 0 ? codes.noSuchName : codes.ok);
    const ttlS = Math.min(found.ttlS, mostTtlS);
    const isOpened = await parts.open({ source, addresses, ports, ttlS });
    return isOpened ? reply(query, codes.ok, { addresses, ttlS }) : reply(query, codes.refused);
  } catch {
    // Resolvers that do not answer, or a firewall that takes nothing: the sandbox may try again.
    return reply(query, codes.failed);
  }
}

const codes = { ok: 0, malformed: 1, failed: 2, noSuchName: 3, notImplemented: 4, refused: 5 } as const;
const aliasTtlS = 60;
const mostTtlS = 3_600;
const mostAddresses = 16;

function parseQuery(message: Buffer): DecodedPacket | undefined {
  try {
    const packet = decode(message);
    return packet.type === 'query' ? packet : undefined;
  } catch {
    return undefined;
  }
}

/** What can be a name of a host; others are not passed on. */
function isHostName(name: string): boolean {
  return name.length <= 253 && /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(name);
}

/** An answer that points back into this machine or its networks is what rebinding attacks are made of. */
function isOpen(address: string, allowedRanges: readonly Ipv4Range[]): boolean {
  const range = parseRange(address);
  return range !== undefined && isOpenAddress(range, allowedRanges);
}

function reply(
  query: DecodedPacket,
  code: number,
  found: { readonly addresses: readonly string[]; readonly ttlS: number } = { addresses: [], ttlS: 0 },
): Buffer {
  const [question] = query.questions ?? [];
  return encode({
    type: 'response',
    id: query.id,
    flags: ((query.flags ?? 0) & RECURSION_DESIRED) | RECURSION_AVAILABLE | code,
    questions: question === undefined ? [] : [question],
    answers: found.addresses.map((data) => ({
      type: 'A' as const,
      class: 'IN' as const,
      name: question?.name ?? '.',
      ttl: found.ttlS,
      data,
    })),
  });
}
