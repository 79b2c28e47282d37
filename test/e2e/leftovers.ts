import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Everything on this machine that a server made outside its home, or mounted into it: mounts, links, namespaces, processes, groups, disks. */
export async function leftoversOf(home: string): Promise<readonly string[]> {
  const tag = serverTag(home);
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').filter((line) => line.includes(home));
  const loops = (await run('losetup', ['--list', '--noheadings', '--output', 'NAME,BACK-FILE'])).stdout
    .split('\n')
    .filter((line) => line.includes(home));
  const links = (await run('ip', ['-o', 'link'])).stdout
    .split('\n')
    .filter((line) => line.includes(`-${tag}`));
  const namespaces = (await run('ip', ['netns'])).stdout.split('\n').filter((line) => line.includes(tag));
  const rules = (await run('nft', ['list', 'tables'])).stdout
    .split('\n')
    .filter((line) => line.includes(tag));
  const processes = await run('pgrep', ['-af', `containerd.*(${home}|berth-${tag})`]).then(
    ({ stdout }) => stdout.trim().split('\n'),
    () => [],
  );
  const groups = [];
  for await (const group of glob(['/sys/fs/cgroup/*/berth-*', '/sys/fs/cgroup/berth-*'])) {
    if (group.includes(tag)) groups.push(group);
  }
  return [...mounts, ...loops, ...links, ...namespaces, ...rules, ...processes, ...groups];
}

/** The processes of one sandbox. */
export async function processesOf(sandboxId: string): Promise<readonly number[]> {
  const pids = new Set<number>();
  const files = glob([
    `/sys/fs/cgroup/*/berth-*/${sandboxId}/cgroup.procs`,
    `/sys/fs/cgroup/berth-*/${sandboxId}/cgroup.procs`,
  ]);
  for await (const file of files) {
    for (const pid of (await readFile(file, 'utf8')).split('\n')) if (pid !== '') pids.add(Number(pid));
  }
  assert.ok(pids.size > 0, `no process of ${sandboxId} was found`);
  return [...pids];
}

/** Part of the name of everything that the server makes outside its home. */
function serverTag(home: string): string {
  const database = new DatabaseSync(join(home, 'berth.db'), { readOnly: true });
  try {
    const row = database.prepare("SELECT value FROM settings WHERE name = 'server_tag'").get();
    assert.ok(row !== undefined);
    return String(row['value']);
  } finally {
    database.close();
  }
}
