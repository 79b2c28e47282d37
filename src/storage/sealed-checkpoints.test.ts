import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import { systemRandom, type SandboxId } from '../shared/ids.ts';
import { type OpenDatabase, openDatabase } from './database.ts';
import { createSealedBox } from './sealed-box.ts';
import { SealedCheckpoints } from './sealed-checkpoints.ts';

const [one, two] = ['sb-one', 'sb-two'] as [SandboxId, SandboxId];
const sealedBox = createSealedBox(randomBytes(32));
let root = '';
let database: OpenDatabase;
let vault: SealedCheckpoints;
const disk = { reserveBytes: 1_000, free: 0, freeBytes: async () => disk.free };

describe('sealed checkpoints', () => {
  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'berth-checkpoints-'));
    database = await openDatabase(':memory:');
    disk.free = 1_000_000;
    vault = new SealedCheckpoints({
      dir: join(root, 'checkpoints'),
      disk,
      database,
      sealedBox,
      clock: new FakeClock(),
      random: systemRandom,
    });
  });
  afterEach(async () => {
    await database.destroy();
    rmSync(root, { recursive: true });
  });

  it('give back every file as it was, and are on disk only sealed', async () => {
    verifies('hibernation:sealed');
    const bytes = await vault.seal(one, memory({ 'pages.img': 'the secret of the agent', 'state.img': 'x' }));
    assert.ok(bytes > 24);
    assert.equal(await vault.sizeOf(one), bytes);
    for (const name of readdirSync(folderOf(one)))
      assert.ok(!readFileSync(join(folderOf(one), name)).includes('secret'));
    assert.deepEqual(await opened(one), { 'pages.img': 'the secret of the agent', 'state.img': 'x' });
  });

  it('of one sandbox do not open as those of another, nor with a file of theirs missing', async () => {
    verifies('hibernation:sealed', 'hibernation:truthful');
    await vault.seal(one, memory({ a: '1', b: '2' }));
    await vault.seal(two, memory({ a: '3', b: '4' }));
    writeFileSync(join(folderOf(one), 'a'), readFileSync(join(folderOf(two), 'a')));
    await assert.rejects(opened(one), { code: 'internal', message: /damaged/ });
    rmSync(join(folderOf(two), 'b'));
    await assert.rejects(opened(two), { code: 'internal', message: /lacks b/ });
  });

  it('cannot be opened any more once their row is gone, and are not there without it', async () => {
    verifies('hibernation:sealed', 'hibernation:crash');
    await vault.seal(one, memory({ a: '1' }));
    await database.deleteFrom('checkpoints').execute();
    assert.equal(await vault.sizeOf(one), undefined);
    await assert.rejects(opened(one), { code: 'internal', message: /no checkpoint/ });
    await vault.remove(one);
    await vault.remove(one);
    assert.equal(existsSync(folderOf(one)), false);
  });

  it('are refused where they would take what the disk keeps in reserve, and leave nothing then', async () => {
    verifies('hibernation:room', 'hibernation:falls-back');
    const folder = memory({ a: 'x'.repeat(600), b: 'x'.repeat(400) });
    disk.free = 1_999;
    await assert.rejects(vault.seal(one, folder), {
      code: 'unavailable',
      message: /no room for a session's memory/,
    });
    assert.deepEqual([await vault.sizeOf(one), existsSync(folderOf(one))], [undefined, false]);
    disk.free = 2_000;
    assert.ok((await vault.seal(one, folder)) > 1_000);
  });

  it('are not taken for lost where the disk does not say whether they are there', async () => {
    verifies('hibernation:crash', 'hibernation:truthful');
    await vault.seal(one, memory({ a: '1' }));
    rmSync(join(root, 'checkpoints'), { recursive: true });
    writeFileSync(join(root, 'checkpoints'), 'no folder');
    await assert.rejects(vault.sizeOf(one), { code: 'ENOTDIR' });
    await assert.rejects(opened(one), { code: 'ENOTDIR' });
    rmSync(join(root, 'checkpoints'));
    assert.equal(await vault.sizeOf(one), undefined);
  });

  it('that nobody needs, or that a killed server left unfinished, are swept', async () => {
    verifies('hibernation:swept');
    assert.equal(await vault.sweep(() => true), 0);
    await vault.seal(one, memory({ a: '1' }));
    await vault.seal(two, memory({ a: '2' }));
    mkdirSync(join(root, 'checkpoints', 'sb-three.new'));
    assert.equal(await vault.sweep((id) => id === two), 2);
    assert.deepEqual(readdirSync(join(root, 'checkpoints')), [two]);
    assert.deepEqual(await opened(two), { a: '2' });
  });

  it('replace what a killed server left of the same sandbox', async () => {
    verifies('hibernation:crash');
    mkdirSync(join(root, 'checkpoints', `${one}.new`), { recursive: true });
    writeFileSync(join(root, 'checkpoints', `${one}.new`, 'a'), 'half');
    await vault.seal(one, memory({ a: '1' }));
    await vault.seal(one, memory({ a: '2' }));
    assert.deepEqual(await opened(one), { a: '2' });
  });
});

function folderOf(id: SandboxId): string {
  return join(root, 'checkpoints', id);
}

/** A folder of these files. */
function memory(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(root, 'memory-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  return folder;
}

async function opened(id: SandboxId): Promise<Readonly<Record<string, string>>> {
  const folder = mkdtempSync(join(root, 'opened-'));
  await vault.open(id, folder);
  return Object.fromEntries(
    readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
  );
}
