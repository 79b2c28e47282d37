import { readFile } from 'node:fs/promises';
import type { FileOwner } from './write-privately.ts';

export interface InvokingUser extends FileOwner {
  readonly home: string;
}

/** Who called sudo; undefined when nobody did. The home comes from the user database, since sudo changes HOME. */
export async function findInvokingUser(
  env: Readonly<Record<string, string | undefined>>,
  passwdPath = '/etc/passwd',
): Promise<InvokingUser | undefined> {
  const { SUDO_UID: uid, SUDO_GID: gid } = env;
  if (uid === undefined || gid === undefined || uid === '0' || !/^\d+$/.test(uid) || !/^\d+$/.test(gid))
    return undefined;
  const entries = (await readFile(passwdPath, 'utf8')).split('\n').map((line) => line.split(':'));
  const home = entries.find((fields) => fields[2] === uid)?.[5];
  return home === undefined || home === '' ? undefined : { uid: Number(uid), gid: Number(gid), home };
}
