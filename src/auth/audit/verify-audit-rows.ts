import { setImmediate } from 'node:timers/promises';
import type { AuditChain, AuditVerification } from './audit-store.ts';

/** What of an entry holds it in its chain. */
interface ChainedRow {
  readonly seq: number;
  readonly trail: string;
  readonly kind: string;
  readonly hash: string;
  readonly previous_hash: string;
}

/** How many entries are looked at in one go: calls go on between two of them. */
const stretch = 250;

/**
 * Follows each chain from the oldest entry that is kept: what came before that one is not known, but each entry is bound to its own
 * content, and to its place.
 */
export async function verifyAuditRows<Row extends ChainedRow>(parts: {
  /** Those with a greater number, rising. */
  readonly rowsAfter: (seq: number, limit: number) => Promise<readonly Row[]>;
  /** Whether content and hash fit. */
  readonly isBound: (row: Row) => boolean;
}): Promise<AuditVerification> {
  const chains = new Map<string, AuditChain>();
  let entries = 0;
  let brokenAtSeq: number | undefined;
  for (let last = -1; ;) {
    const rows = await parts.rowsAfter(last, stretch);
    for (const row of rows) {
      const { seq, trail: name, hash } = row;
      const chain = chains.get(name);
      if (!(parts.isBound(row) && follows(row, chain))) brokenAtSeq ??= seq;
      const { entries: before, firstSeq } = chain ?? { entries: 0, firstSeq: seq };
      chains.set(name, { name, entries: before + 1, firstSeq, lastSeq: seq, lastHash: hash });
      entries += 1;
      last = seq;
    }
    if (rows.length < stretch) return { entries, chains: [...chains.values()], brokenAtSeq };
    await setImmediate();
  }
}

function follows(
  { kind, trail, previous_hash: previous }: ChainedRow,
  chain: AuditChain | undefined,
): boolean {
  return (trail === kind || trail === 'mixed') && (chain === undefined || previous === chain.lastHash);
}
