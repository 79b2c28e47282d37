import { mkdir, readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../run-command.ts';
import { attachedLoops, mountPoints } from './kernel-disks.ts';

/** A folder of disks: of each a sparse file `NAME.ext4`, and while it is mounted a folder `NAME`. */
export class DiskFolder<Name extends string> {
  readonly #dir: string;
  readonly #names: RegExp;

  private constructor(dir: string, prefix: string) {
    this.#dir = dir;
    this.#names = new RegExp(`^(${prefix}-[a-z0-9]+)(\\.ext4)?$`);
  }

  /** Made when missing. Names in it begin with `prefix`. */
  static async open<Name extends string>(dir: string, prefix: string): Promise<DiskFolder<Name>> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    // The kernel reports mounts and backing files by their real path.
    return new DiskFolder(await realpath(dir), prefix);
  }

  get path(): string {
    return this.#dir;
  }

  imageOf(name: Name): string {
    return join(this.#dir, `${name}.ext4`);
  }

  mountPointOf(name: Name): string {
    return join(this.#dir, name);
  }

  /** Whether it can be the name of a disk of this folder: never a path out of it. */
  isName(name: Name): boolean {
    return this.#names.exec(name)?.[1] === name;
  }

  async list(): Promise<readonly Name[]> {
    const names = (await readdir(this.#dir)).flatMap((entry) => this.#names.exec(entry)?.[1] ?? []);
    return [...new Set(names)] as Name[];
  }

  /** Bytes that it takes on the host; 0 when it is not there. */
  async usedBytes(name: Name): Promise<number> {
    const found = await stat(this.imageOf(name)).catch(() => undefined);
    // Blocks of 512 bytes, whatever the file system's own are.
    return (found?.blocks ?? 0) * 512;
  }

  async isMounted(name: Name): Promise<boolean> {
    return (await mountPoints(this.#dir)).includes(this.mountPointOf(name));
  }

  /** What was written to it while it is mounted is on the host's disk when this resolves. */
  async sync(name: Name): Promise<void> {
    await runCommand('sync', ['--file-system', this.mountPointOf(name)]);
  }

  /** Loop devices over its file. */
  async devicesOf(name: Name): Promise<readonly string[]> {
    const image = this.imageOf(name);
    return (await attachedLoops(this.#dir)).flatMap(({ device, file }) => (file === image ? [device] : []));
  }
}
