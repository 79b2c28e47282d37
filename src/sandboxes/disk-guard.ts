import type { Clock } from '../shared/clock.ts';
import { messageOf } from '../shared/errors.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { HostDisk } from './host-disk.ts';
import type { SandboxDriver } from './sandbox-driver.ts';

export interface DiskGuardParts {
  readonly disk: HostDisk;
  readonly driver: Pick<SandboxDriver, 'diskUsage'>;
  /** Ends the session of a sandbox; resolves when its disk is gone. */
  readonly evict: (id: SandboxId) => Promise<void>;
  readonly clock: Clock;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
}

const lookEveryMs = 1_000;
/** Ending a sandbox that has less would not help. */
const worthwhileBytes = 64 * 2 ** 20;

/**
 * Sandboxes' disks take room on the host as they fill, and all of them together may be larger than the host's disk. When less
 * than half the reserve is left, the sandbox that takes the most is ended, and then the next, as long as that helps: one greedy
 * agent is to lose its session before the host and all others lose their disks.
 */
export class DiskGuard implements AsyncDisposable {
  readonly #parts: DiskGuardParts;
  #isClosed = false;
  #cancel: () => void = () => {};
  #looking: Promise<void> = Promise.resolve();

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
    const { disk, driver, evict, log } = this.#parts;
    while (!this.#isClosed && (await disk.freeBytes()) < disk.reserveBytes / 2) {
      const usage = [...(await driver.diskUsage())].sort(([, a], [, b]) => b - a);
      const [largest] = usage;
      if (largest === undefined || largest[1] < worthwhileBytes) return;
      const [sandboxId, bytes] = largest;
      log.warn(
        { sandboxId, bytes },
        'the host runs out of disk space: the sandbox that takes the most is ended',
      );
      await evict(sandboxId);
    }
  }
}
