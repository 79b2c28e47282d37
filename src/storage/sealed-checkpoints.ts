import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { RandomSource, SandboxId } from '../shared/ids.ts';
import { Room } from '../shared/room.ts';
import type { Steps } from '../shared/steps.ts';
import type { Database } from './database.ts';
import type { SealedBox } from './sealed-box.ts';
import { openSealedFile, sealFile } from './sealed-stream.ts';

interface CheckpointDisk {
  readonly reserveBytes: number;
  freeBytes(): Promise<number>;
}

export interface SealedCheckpointsParts {
  /** A folder of its own, absolute. Made when missing. */
  readonly dir: string;
  /** The one that `dir` is on; its reserve is kept free. */
  readonly disk: CheckpointDisk;
  readonly database: Database;
  readonly sealedBox: SealedBox;
  readonly clock: Clock;
  readonly random: RandomSource;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

/**
 * Memory of sandboxes on disk, sealed: each under a key of its own, which the sealed box keeps in the database. A checkpoint is
 * there when its row is, which is written last and removed first; without the row its files cannot be opened any more.
 */
export class SealedCheckpoints {
  readonly #parts: SealedCheckpointsParts;
  readonly #room: Room;

  constructor(parts: SealedCheckpointsParts) {
    this.#parts = parts;
    this.#room = new Room({
      freeBytes: () => parts.disk.freeBytes(),
      reserveBytes: parts.disk.reserveBytes,
    });
  }

  /**
   * Seals every file of a folder; the checkpoint is on disk when this resolves. Returns its size in bytes. Rejects with `unavailable` when
   * less than the reserve would be left free.
   */
  async seal(id: SandboxId, folder: string): Promise<number> {
    await this.remove(id);
    const bytes = await sizeOf(folder);
    return this.#room.use(
      bytes,
      (freeBytes) => noRoom(bytes, freeBytes, this.#parts.disk.reserveBytes),
      () => this.#seal(id, folder),
    );
  }

  async #seal(id: SandboxId, folder: string): Promise<number> {
    const { dir, database, sealedBox, clock, random, steps } = this.#parts;
    const unfinished = join(dir, `${id}.new`);
    await mkdir(unfinished, { recursive: true, mode: 0o700 });
    const key = random(32);
    const files = (await readdir(folder)).toSorted();
    let bytes = 0;
    for (const name of files) {
      bytes += await sealFile({
        from: join(folder, name),
        to: join(unfinished, name),
        key,
        label: labelOf(id, name),
      });
    }
    await syncFolder(unfinished);
    await rename(unfinished, join(dir, id));
    await syncFolder(dir);
    steps?.reached('hibernate:sealed');
    const secret = JSON.stringify({ key: Buffer.from(key).toString('base64'), files });
    await database
      .insertInto('checkpoints')
      .values({
        sandbox_id: id,
        sealed_key: sealedBox.seal(secret, purposeOf(id)),
        size_bytes: bytes,
        created_at: clock.now(),
      })
      .execute();
    return bytes;
  }

  /** Writes the files into an empty folder. Rejects with `internal` when they are not all there and as they were. */
  async open(id: SandboxId, folder: string): Promise<void> {
    const { dir, database, sealedBox } = this.#parts;
    const row = await database
      .selectFrom('checkpoints')
      .select('sealed_key')
      .where('sandbox_id', '=', id)
      .executeTakeFirst();
    if (row === undefined) throw new BerthError('internal', `There is no checkpoint of ${id}.`);
    const { key, files } = JSON.parse(sealedBox.open(row.sealed_key, purposeOf(id))) as {
      key: string;
      files: readonly string[];
    };
    for (const name of files) {
      const from = join(dir, id, name);
      if (!(await exists(from))) throw new BerthError('internal', `The checkpoint of ${id} lacks ${name}.`);
      await openSealedFile({
        from,
        to: join(folder, name),
        key: Buffer.from(key, 'base64'),
        label: labelOf(id, name),
      });
    }
  }

  /** How large a complete one is, in bytes; undefined when there is none. Rejects when that cannot be known. */
  async sizeOf(id: SandboxId): Promise<number | undefined> {
    const row = await this.#parts.database
      .selectFrom('checkpoints')
      .select('size_bytes')
      .where('sandbox_id', '=', id)
      .executeTakeFirst();
    return row !== undefined && (await exists(join(this.#parts.dir, id))) ? row.size_bytes : undefined;
  }

  /** Idempotent. */
  async remove(id: SandboxId): Promise<void> {
    const { dir, database } = this.#parts;
    await database.deleteFrom('checkpoints').where('sandbox_id', '=', id).execute();
    for (const name of [id, `${id}.new`]) await rm(join(dir, name), { recursive: true, force: true });
  }

  /** Removes those that nobody needs, complete or not; `isNeeded` is asked just before. Returns how many. */
  async sweep(isNeeded: (id: SandboxId) => boolean): Promise<number> {
    const { dir, database } = this.#parts;
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const rows = await database.selectFrom('checkpoints').select('sandbox_id').execute();
    const known = [...rows.map((row) => row.sandbox_id), ...(await readdir(dir))];
    const ids = new Set(known.map((name) => name.replace(/\.new$/, '') as SandboxId));
    let removed = 0;
    for (const id of ids) {
      if (isNeeded(id)) continue;
      await this.remove(id);
      removed += 1;
    }
    return removed;
  }
}

function purposeOf(id: SandboxId): string {
  return `key of the checkpoint of ${id}`;
}

function labelOf(id: SandboxId, name: string): string {
  return `checkpoint of ${id}, ${name}`;
}

async function syncFolder(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

async function sizeOf(folder: string): Promise<number> {
  const files = await readdir(folder);
  const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Only what is known to be missing is: a disk that fails says nothing. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}

function noRoom(neededBytes: number, freeBytes: number, reserveBytes: number): BerthError {
  const [needed, free, reserve] = [neededBytes, freeBytes, reserveBytes].map(
    (bytes) => `${Math.floor(bytes / 2 ** 20)} MiB`,
  );
  return new BerthError(
    'unavailable',
    `The host's disk has no room for a session's memory: it takes ${needed}, ${free} are free, and ${reserve} are kept in reserve.`,
  );
}
