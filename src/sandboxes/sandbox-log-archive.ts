import { existsSync } from 'node:fs';
import { mkdir, open, readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Clock } from '../shared/clock.ts';
import { BerthError, messageOf } from '../shared/errors.ts';
import type { RuntimeId, SandboxId } from '../shared/ids.ts';
import type { SandboxLog } from './sandbox-log.ts';
import { createSandboxLog } from './sandbox-log.ts';
import { rotatedPath } from './sandbox-log-rotation.ts';

/** A log on disk, of a sandbox that runs or of one that is gone. */
export interface StoredLog {
  readonly runtimeId: RuntimeId;
  readonly sandboxId: SandboxId;
  readonly sizeBytes: number;
  readonly writtenAtMs: number;
}

export interface PruneBounds {
  readonly maxAgeMs: number;
  readonly maxTotalBytes: number;
}

/** The logs of all sandboxes: `<dir>/<runtime id>/<sandbox id>.log`. Those of running sandboxes are kept within their size. */
export interface SandboxLogArchive extends AsyncDisposable {
  /** Makes the file before a sandbox starts, or adopts the one of a sandbox that runs; watches its size until `end`. */
  begin(runtimeId: RuntimeId, sandboxId: SandboxId): Promise<SandboxLog>;
  /** The sandbox is gone; readers that follow its log come to an end. Idempotent. */
  end(sandboxId: SandboxId): void;
  /** Throws `not-found` when there is no such log. */
  find(runtimeId: RuntimeId, sandboxId: SandboxId): SandboxLog;
  /** Newest first; of one runtime, or of all. */
  list(runtimeId?: RuntimeId): Promise<readonly StoredLog[]>;
  /** For a handover: keeps none within its size until `resume`, as another server does. Idempotent, both of them. */
  pause(): Promise<void>;
  resume(): void;
  /** Deletes logs of sandboxes that are gone: the too old ones, then the oldest until the rest fits. Returns how many. */
  prune(bounds: PruneBounds): Promise<number>;
}

export interface ArchiveOptions {
  /** Absolute. */
  readonly dir: string;
  /** Of one sandbox's log. */
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
}

const checkMs = 1_000;
/** After a look that found a log too large: an agent that floods fills a gigabyte in a second. */
const hotCheckMs = 50;
const checksAtATime = 8;

export function createSandboxLogArchive({ dir, maxBytes, clock, log }: ArchiveOptions): SandboxLogArchive {
  const running = new Map<SandboxId, SandboxLog>();
  let isPaused = false;
  let checking: Promise<void> = Promise.resolve();
  let cancelCheck = clock.after(checkMs, check);

  function check(): void {
    checking = rotateAll().then((isHot) => {
      if (!isPaused) cancelCheck = clock.after(isHot ? hotCheckMs : checkMs, check);
    });
  }

  async function pause(): Promise<void> {
    isPaused = true;
    cancelCheck();
    await checking;
  }

  /** Says whether any was too large. */
  async function rotateAll(): Promise<boolean> {
    const due = [...running.values()];
    let isHot = false;
    const workers = Array.from({ length: checksAtATime }, async () => {
      for (let next = due.pop(); next !== undefined; next = due.pop()) if (await rotate(next)) isHot = true;
    });
    await Promise.all(workers);
    return isHot;
  }

  async function rotate(one: SandboxLog): Promise<boolean> {
    try {
      return await one.rotate();
    } catch (error) {
      log.warn({ file: one.path, error: messageOf(error) }, 'sandbox log could not be rotated');
      return true;
    }
  }

  function pathOf(runtimeId: RuntimeId, sandboxId: SandboxId): string {
    if (!isPlain(runtimeId) || !isPlain(sandboxId))
      throw new BerthError('not-found', 'There is no such log.');
    return join(dir, runtimeId, `${sandboxId}.log`);
  }

  async function list(runtimeId?: RuntimeId): Promise<readonly StoredLog[]> {
    const runtimes = runtimeId === undefined ? await entries(dir) : [runtimeId].filter(isPlain);
    const logs: StoredLog[] = [];
    for (const runtime of runtimes) {
      for (const entry of await entries(join(dir, runtime))) {
        if (!entry.endsWith('.log')) continue;
        const path = join(dir, runtime, entry);
        const [size, writtenAtMs] = await measure(path);
        const [olderSize] = await measure(rotatedPath(path));
        logs.push({
          runtimeId: runtime as RuntimeId,
          sandboxId: entry.slice(0, -'.log'.length) as SandboxId,
          sizeBytes: size + olderSize,
          writtenAtMs,
        });
      }
    }
    return logs.sort((a, b) => b.writtenAtMs - a.writtenAtMs);
  }

  return {
    async begin(runtimeId, sandboxId) {
      const present = running.get(sandboxId);
      if (present !== undefined) return present;
      const path = pathOf(runtimeId, sandboxId);
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await (await open(path, 'a', 0o600)).close();
      const begun = running.get(sandboxId) ?? createSandboxLog({ path, maxBytes });
      running.set(sandboxId, begun);
      return begun;
    },
    end(sandboxId) {
      const ended = running.get(sandboxId);
      if (ended === undefined) return;
      running.delete(sandboxId);
      ended.end();
      // The last second may have brought more than a log may hold.
      checking = Promise.all([checking, rotate(ended)]).then(() => undefined);
    },
    find(runtimeId, sandboxId) {
      const path = pathOf(runtimeId, sandboxId);
      const live = running.get(sandboxId);
      if (live?.path === path) return live;
      if (!existsSync(path)) throw new BerthError('not-found', `There is no log of sandbox ${sandboxId}.`);
      const found = createSandboxLog({ path, maxBytes });
      found.end();
      return found;
    },
    list,
    async prune({ maxAgeMs, maxTotalBytes }) {
      let total = 0;
      let removed = 0;
      for (const stored of await list()) {
        total += stored.sizeBytes;
        if (running.has(stored.sandboxId)) continue;
        if (clock.now() - stored.writtenAtMs <= maxAgeMs && total <= maxTotalBytes) continue;
        total -= stored.sizeBytes;
        removed++;
        const path = pathOf(stored.runtimeId, stored.sandboxId);
        for (const file of [path, rotatedPath(path), `${rotatedPath(path)}.new`])
          await rm(file, { force: true });
        // Goes only when it is empty.
        await rmdir(dirname(path)).catch(() => undefined);
      }
      return removed;
    },
    pause,
    resume() {
      if (isPaused) cancelCheck = clock.after(checkMs, check);
      isPaused = false;
    },
    [Symbol.asyncDispose]: pause,
  };
}

/** Ids become names of files: nothing that could be a path. */
function isPlain(id: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(id);
}

async function entries(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function measure(path: string): Promise<[sizeBytes: number, writtenAtMs: number]> {
  try {
    const { size, mtimeMs } = await stat(path);
    return [size, mtimeMs];
  } catch {
    return [0, 0];
  }
}
