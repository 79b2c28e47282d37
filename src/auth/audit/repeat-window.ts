import type { NewAuditEntry } from './audit-entry.ts';

/** How many different entries there are at most between two ends of a window. */
export interface RepeatBounds {
  /** In all; on top come one entry for each of as many sources, and one for all other sources. */
  readonly entries: number;
  /** Of one source, so that a loud one leaves room for others. */
  readonly ofOneSource: number;
}

interface Counted {
  entry: NewAuditEntry;
  count: number;
}

/** Counts entries that are like one another: whoever is refused over and over fills no disk. */
export class RepeatWindow {
  readonly #bounds: RepeatBounds;
  readonly #own = new Map<string, Counted>();
  readonly #ownOf = new Map<string, number>();
  readonly #bySource = new Map<string, Counted>();
  readonly #others = new Map<string, Counted>();

  constructor(bounds: RepeatBounds) {
    this.#bounds = bounds;
  }

  /** What is to be written at once, for `entry` or for all those that get none of their own; undefined: it is only counted. */
  note(entry: NewAuditEntry, source: string): NewAuditEntry | undefined {
    const { entries, ofOneSource } = this.#bounds;
    const { principal, accessKeyId, action, resource, reason, sourceIp } = entry;
    const key = JSON.stringify([principal, accessKeyId, action, resource, reason, sourceIp]);
    if (this.#own.has(key)) return count(this.#own, key, entry);
    const ofSource = this.#ownOf.get(source) ?? 0;
    if (ofSource < ofOneSource && this.#own.size < entries) {
      this.#ownOf.set(source, ofSource + 1);
      return count(this.#own, key, entry);
    }
    const various = { ...entry, action: '*', resource: '*', reason: 'various' };
    if (this.#bySource.has(source) || this.#bySource.size < entries)
      return count(this.#bySource, source, various);
    return count(this.#others, '', {
      ...various,
      principal: '*',
      accessKeyId: undefined,
      sourceIp: undefined,
    });
  }

  /** One entry for each that was counted; the window begins anew. */
  close(): readonly NewAuditEntry[] {
    const all = [this.#own, this.#bySource, this.#others];
    const repeated = all.flatMap((counted) => [...counted.values()]).filter((counted) => counted.count > 0);
    for (const counted of [...all, this.#ownOf]) counted.clear();
    return repeated.map((counted) => ({ ...counted.entry, repeats: counted.count - 1 }));
  }
}

function count(counted: Map<string, Counted>, key: string, entry: NewAuditEntry): NewAuditEntry | undefined {
  const known = counted.get(key);
  if (known === undefined) {
    counted.set(key, { entry, count: 0 });
    return entry;
  }
  known.count += 1;
  known.entry = { ...known.entry, atMs: entry.atMs };
  return undefined;
}
