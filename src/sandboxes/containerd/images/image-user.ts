import { open } from 'node:fs/promises';
import { constants } from 'node:fs';
import { BerthError } from '../../../shared/errors.ts';
import { findConfined } from './confined-path.ts';

/** Who the agent runs as inside its sandbox. */
export interface ImageUser {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary groups, without `gid`. */
  readonly groups: readonly number[];
  readonly home: string;
}

/**
 * What an image's `USER` means: empty, `name`, `uid`, `name:group` or `uid:gid`, looked up in the image's own files. Throws
 * `runtime-client-error` for a name that is not there.
 */
export async function resolveImageUser(root: string, user: string): Promise<ImageUser> {
  const [passwd, group] = await Promise.all([readTable(root, '/etc/passwd'), readTable(root, '/etc/group')]);
  const colon = user.indexOf(':');
  const userPart = colon < 0 ? user : user.slice(0, colon);
  const groupPart = colon < 0 ? '' : user.slice(colon + 1);

  const wanted = userPart === '' ? '0' : userPart;
  const entry = passwd.find(([name, , uid]) => name === wanted || uid === wanted);
  const uid = parseId(entry?.[2] ?? wanted);
  if (uid === undefined) throw unknown('user', userPart, '/etc/passwd');

  const groupEntry = group.find(([name, , gid]) => name === groupPart || gid === groupPart);
  const gid = groupPart === '' ? (parseId(entry?.[3] ?? '') ?? 0) : parseId(groupEntry?.[2] ?? groupPart);
  if (gid === undefined) throw unknown('group', groupPart, '/etc/group');

  return {
    uid,
    gid,
    groups: groupPart === '' ? supplementaryGroups(group, entry?.[0]).filter((id) => id !== gid) : [],
    home: entry?.[5] === undefined || entry[5] === '' ? '/' : entry[5],
  };
}

const maxTableBytes = 1024 * 1024;

async function readTable(root: string, path: string): Promise<readonly (readonly string[])[]> {
  const found = await findConfined(root, path);
  if (found === undefined || !found.stats.isFile()) return [];
  const file = await open(found.path, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(maxTableBytes), 0, maxTableBytes, 0);
    const lines = buffer.toString('utf8', 0, bytesRead).split('\n');
    return lines.filter((line) => line !== '' && !line.startsWith('#')).map((line) => line.split(':'));
  } finally {
    await file.close();
  }
}

function supplementaryGroups(
  group: readonly (readonly string[])[],
  name: string | undefined,
): readonly number[] {
  if (name === undefined) return [];
  const ids = group
    .filter((entry) => entry[3]?.split(',').includes(name))
    .map((entry) => parseId(entry[2] ?? ''));
  return [...new Set(ids.filter((id) => id !== undefined))];
}

function parseId(text: string): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id <= 0xfffffffe ? id : undefined;
}

function unknown(what: string, name: string, file: string): BerthError {
  return new BerthError(
    'runtime-client-error',
    `The image cannot be started: its USER names the ${what} '${name}', which its ${file} does not have. Add the ${what} in the image, or use a number.`,
  );
}
