import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomText, systemRandom } from '../../../shared/ids.ts';
import { quotedForShell } from './quoted-for-shell.ts';

/**
 * The OCI runtime for the shim: gVisor's, but what was begun to pause or resume a sandbox is done to its end, and asking for it again is no
 * failure. The shim kills its runtime when containerd dies; runsc would leave a sandbox that is paused and counts as running, or a
 * half-written state (runsc/container/state_file.go), by which nothing can be done with the sandbox any more.
 * Returns a path in `home`, as /run may let nobody execute; sandboxes outlive a change of `runsc`, so that each has a file of its own.
 */
export async function runscProgram(home: string, runsc: string): Promise<string> {
  const text = scriptFor(runsc);
  const dir = join(home, 'runtimes');
  const path = join(dir, `runsc-${createHash('sha256').update(text).digest('hex').slice(0, 12)}`);
  // After a loss of power it may be there and empty.
  if ((await readFile(path, 'utf8').catch(() => '')) !== text) {
    await mkdir(dir, { recursive: true, mode: 0o711 });
    const partial = `${path}.${randomText(systemRandom, 6, '0123456789abcdef')}`;
    await writeFile(partial, text, { mode: 0o755, flag: 'wx' });
    await rename(partial, path);
  }
  return path;
}

/** A kill of the shell is none of what it runs in a substitution. */
function scriptFor(runsc: string): string {
  return `#!/bin/sh
for word; do
  case $word in
    pause) done='in state paused' ;;
    resume) done='in state running' ;;
    *) continue ;;
  esac
  said=$(${quotedForShell(runsc)} "$@" 2>&1) && exit
  code=$?
  case $said in *"$done"*) exit 0 ;; esac
  printf '%s\\n' "$said" >&2
  exit "$code"
done
exec ${quotedForShell(runsc)} "$@"
`;
}
