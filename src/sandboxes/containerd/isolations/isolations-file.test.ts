import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { createIsolations } from './isolations.ts';
import { readIsolationsFile } from './isolations-file.ts';
import { runcOptions } from './runtime-options.ts';

describe('The file of isolations', () => {
  let dir: string;

  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'berth-isolations-'));
  });
  after(() => rm(dir, { recursive: true }));

  async function write(content: unknown): Promise<string> {
    const path = join(dir, 'isolations.json');
    await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
    return path;
  }

  it('names shims and OCI runtimes, and what cannot be used is told with what to do', async () => {
    verifies('isolation:configured');
    const path = await write({
      kata: { shim: 'io.containerd.kata.v2', config: '/etc/kata/c.toml', annotations: { 'io.x': 'y' } },
      other: { runtime: process.execPath },
    });
    const programs = { find: async () => undefined, searchPath: async () => dir };

    const isolations = createIsolations({
      programs,
      home: dir,
      runDir: dir,
      configured: await readIsolationsFile(path),
    });

    assert.deepEqual(await isolations.usable(), ['runc', 'other']);
    assert.match(String(await isolations.require('kata').problem()), /containerd-shim-kata-v2.*Install it/);
    await assert.rejects(isolations.require('kata').runtime(), /containerd-shim-kata-v2/);
    assert.match(String(await isolations.require('gvisor').problem()), /runsc/);
    await writeFile(join(dir, 'containerd-shim-kata-v2'), '', { mode: 0o755 });
    const { name, options } = await isolations.require('kata').runtime();
    assert.equal(name, 'io.containerd.kata.v2');
    assert.equal(options?.type_url, 'runtimeoptions.v1.Options');
    assert.ok(Buffer.from(options.value).toString().endsWith('/etc/kata/c.toml'));
    assert.equal(isolations.require('kata').spec.sharesKernel, false);
  });

  it('is refused where it is wrong', async () => {
    verifies('isolation:configured');
    for (const [content, message] of [
      ['{', /is no JSON/],
      [{ runc: { runtime: '/bin/x' } }, /'runc' is built in/],
      [{ a: { runtime: 'relative' } }, /absolute path/],
      [{ a: {} }, /needs a runtime or a shim/],
      [{ a: { runtime: '/x', shim: '/y' } }, /Keep one/],
      [{ a: { runtime: '/x', config: '/y' } }, /only a shim reads/],
      [{ a: { runtime: '/x', privileged: true } }, /privileged/],
      [{ 'A B': { runtime: '/x' } }, /A B/],
    ] as const) {
      await assert.rejects(readIsolationsFile(await write(content)), message);
    }
    await assert.rejects(readIsolationsFile(join(dir, 'none')), /BERTH_ISOLATIONS_FILE/);
  });

  it("has its runtime's options encoded as containerd reads them, however long a path is", () => {
    const root = '/r'.repeat(100);

    const { value } = runcOptions({ binaryName: '/b', root });

    assert.deepEqual([...value.slice(0, 7)], [0x32, 2, 0x2f, 0x62, 0x3a, 0xc8, 0x01]);
    assert.equal(Buffer.from(value.slice(7)).toString(), root);
    assert.deepEqual(
      [...runcOptions({ ioOwner: 0x3000_0000 }).value],
      [32, 128, 128, 128, 128, 3, 40, 128, 128, 128, 128, 3],
    );
  });
});
