import type { Clock } from '../shared/clock.ts';
import { messageOf } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { HostDisk } from './host-disk.ts';
import type { DiskUsage, SandboxDriver } from './sandbox-driver.ts';

export interface DiskGuardParts {
  readonly disk: HostDisk;
  readonly driver: Pick<SandboxDriver, 'diskUsage'>;
  /** Bytes of the storage of all sessions, live and ended. */
  readonly storageBytes: () => Promise<number>;
  /** Ends sandboxes that nobody uses yet; resolves to how many, when they are gone. */
  readonly giveUpUnused: () => Promise<number>;
  /** Ends the session of a sandbox; resolves when its disk is gone. */
  readonly evict: (id: SandboxId) => Promise<void>;
  /** Gives up the session that is hibernated for the longest; false when there is none. */
  readonly giveUpHibernated: () => Promise<boolean>;
  /** False while another server decides over what ends. */
  readonly isInCharge: () => boolean;
  readonly clock: Clock;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
}

const lookEveryMs = 1_000;
/** Ending a sandbox whose layer has less would not help. */
const worthwhileBytes = 64 * 2 ** 20;
/** Storage that grows by less between two looks fills the rest of the disk in minutes at the earliest. */
const growthBytes = 2 ** 20;

/**
 * Disks of sandboxes take room on the host as they fill, and all of them together may be larger than the host's disk. When less
 * than half the reserve is left, sandboxes without a session are ended first, then hibernated sessions are given up, the oldest
 * first; then the sandbox whose layer takes the most is ended, and then the next, as long as that helps: one greedy agent is to
 * lose its session before the host and all others lose their disks. Storage of sessions is promised for its time and never given
 * up: ending its session frees nothing, and is done only to one that goes on filling it.
 */
export class DiskGuard implements AsyncDisposable {
  readonly #parts: DiskGuardParts;
  #isClosed = false;
  #cancel: () => void = () => {};
  #looking: Promise<void> = Promise.resolve();
  /** Storage of each sandbox at the last look at a disk that was as full. */
  #storageBytes: ReadonlyMap<SandboxId, number> | undefined;
  #hasWarned = false;

  constructor(parts: DiskGuardParts) {
    this.#parts = parts;
    this.#schedule();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    this.#cancel();
    await this.#looking;
  }

  #schedule(): void {
    this.#cancel = this.#parts.clock.after(lookEveryMs, () => {
      this.#looking = this.#look()
        .catch((error: unknown) => {
          this.#parts.log.warn(
            { error: messageOf(error) },
            'the free space of the host could not be looked after',
          );
        })
        .finally(() => {
          if (!this.#isClosed) this.#schedule();
        });
    });
  }

  async #look(): Promise<void> {
    const { disk, driver, giveUpUnused, evict, giveUpHibernated, isInCharge, log } = this.#parts;
    /** Once is enough: one that is still there has no session any more, or another server's. */
    const evicted = new Set<SandboxId>();
    while (!this.#isClosed && isInCharge()) {
      const freeBytes = await disk.freeBytes();
      if (freeBytes >= disk.reserveBytes / 2) {
        this.#storageBytes = undefined;
        this.#hasWarned = false;
        return;
      }
      if ((await giveUpUnused()) > 0) continue;
      if (await giveUpHibernated()) {
        log.warn(
          {},
          'the host runs out of disk space: the session that is hibernated for the longest is given up',
        );
        continue;
      }
      const usage = new Map([...(await driver.diskUsage())].filter(([id]) => !evicted.has(id)));
      const largestLayer = this.#largestLayer(usage);
      const greediest = largestLayer ?? this.#fastestStorage(usage);
      if (greediest === undefined) {
        this.#storageBytes = storageOf(usage);
        return this.#warnThatNothingHelps(freeBytes);
      }
      log.warn(
        { sandboxId: greediest, ...usage.get(greediest) },
        'the host runs out of disk space: the sandbox that takes the most is ended',
      );
      evicted.add(greediest);
      await evict(greediest);
      if (largestLayer === undefined) {
        // How fast the others write is known by the next look: this one took as long as the end of a sandbox.
        this.#storageBytes = storageOf(await driver.diskUsage());
        return;
      }
    }
  }

  #largestLayer(usage: ReadonlyMap<SandboxId, DiskUsage>): SandboxId | undefined {
    return largest(
      [...usage].map(([id, { layerBytes }]) => [id, layerBytes]),
      worthwhileBytes,
    );
  }

  #fastestStorage(usage: ReadonlyMap<SandboxId, DiskUsage>): SandboxId | undefined {
    const before = this.#storageBytes ?? new Map<SandboxId, number>();
    const growth = [...usage].map(
      ([id, { storageBytes }]) => [id, storageBytes - (before.get(id) ?? storageBytes)] as const,
    );
    return largest(growth, growthBytes);
  }

  async #warnThatNothingHelps(freeBytes: number): Promise<void> {
    const { storageBytes, log } = this.#parts;
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    log.warn(
      { freeBytes, sessionStorageBytes: await storageBytes() },
      'the host runs out of disk space, and ending sandboxes does not help; storage of sessions is kept for its time: make room, nothing new is started until then',
    );
  }
}

function storageOf(usage: ReadonlyMap<SandboxId, DiskUsage>): ReadonlyMap<SandboxId, number> {
  return new Map([...usage].map(([id, { storageBytes }]) => [id, storageBytes]));
}

/** The one with the most, if that is at least `leastBytes`. */
function largest(
  sizes: readonly (readonly [id: SandboxId, bytes: number])[],
  leastBytes: number,
): SandboxId | undefined {
  const [first] = sizes.filter(([, bytes]) => bytes >= leastBytes).toSorted(([, a], [, b]) => b - a);
  return first?.[0];
}
