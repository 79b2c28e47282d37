import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BlobStore } from '../../images/blob-store.ts';
import type { Digest } from '../../images/digest.ts';
import { putAgentLayers } from '../testing/agent-image.ts';
import { putImage, putLayer } from '../testing/image-builder.ts';

const run = promisify(execFile);

/** attempts.c, built for this machine; `cc` and its static C library are needed. */
export interface AttemptsProgram extends AsyncDisposable {
  /** The test image with the program in it as `/app/attempts`; its agent is root. */
  putImage(blobs: BlobStore): Promise<Digest>;
  /** What root on the host is told who tries it, in namespaces of its own, so that the host stays as it is. */
  onHost(name: string, args: readonly string[]): Promise<string>;
}

export async function buildAttempts(): Promise<AttemptsProgram> {
  const dir = await mkdtemp(join(tmpdir(), 'berth-attempts-'));
  const program = join(dir, 'attempts');
  await run('cc', ['-static', '-O1', '-w', '-o', program, join(import.meta.dirname, 'attempts.c')]);
  return {
    async putImage(blobs) {
      const { layers } = await putAgentLayers(blobs);
      const own = await putLayer(blobs, [
        { path: 'app/attempts', content: await readFile(program), mode: 0o755 },
        { path: 'tmp/', mode: 0o1777 },
      ]);
      return putImage(blobs, [...layers, own], {
        Cmd: ['/usr/local/bin/node', '/app/agent.mjs'],
        WorkingDir: '/app',
      });
    },
    async onHost(name, args) {
      const alone = '--mount --uts --ipc --net --pid --fork --kill-child'.split(' ');
      // A /tmp of its own, which is gone with the namespace.
      const script = 'mount -t tmpfs none /tmp && exec "$@"';
      const copy = `/dev/shm/berth-attempts-${process.pid}`;
      await run('cp', [program, copy]);
      try {
        return (
          await run('unshare', [...alone, 'sh', '-c', script, 'sh', copy, name, ...args])
        ).stdout.trim();
      } finally {
        await rm(copy, { force: true });
      }
    },
    async [Symbol.asyncDispose]() {
      await rm(dir, { recursive: true, force: true });
    },
  };
}
