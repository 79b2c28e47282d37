import { quotedForShell } from '../isolations/quoted-for-shell.ts';

/**
 * An OCI runtime for one sandbox: gVisor's, but `start` restores from a folder what `create` made. So the shim, which knows nothing of
 * restoring, ends up with a task like any other.
 */
export function wakeScript({ runsc, folder }: { readonly runsc: string; readonly folder: string }): string {
  return `#!/bin/sh
left=$#
while [ "$left" -gt 0 ]; do
  word=$1
  shift
  left=$((left - 1))
  if [ "$word" = start ]; then
    set -- "$@" restore --image-path ${quotedForShell(folder)} --detach
  else
    set -- "$@" "$word"
  fi
done
exec ${quotedForShell(runsc)} "$@"
`;
}
