import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { billOfMaterials, moduleComponent } from '../scripts/engine/bill-of-materials.ts';
import { buildProgram } from '../scripts/engine/build-program.ts';
import { openBuilder } from '../scripts/engine/builder.ts';
import { checkProgram } from '../scripts/engine/check-program.ts';
import { type EngineManifest, readManifest } from '../scripts/engine/engine-manifest.ts';
import { fetchModule } from '../scripts/engine/fetch-module.ts';
import { fileHash } from '../scripts/engine/file-hash.ts';
import { verifies } from './requirements.ts';

const root = resolve(import.meta.dirname, '..');
const architecture = process.arch === 'arm64' ? 'arm64' : 'x64';

describe('npm run build:engine', () => {
  it('has the hash of every program for both processors, in one file', async () => {
    verifies('engine:pinned');
    const { programs, outputs, modules, builders } = await readManifest(root);
    for (const hashes of Object.values(outputs)) {
      assert.deepEqual(Object.keys(hashes).toSorted(), Object.keys(programs).toSorted());
      for (const hash of Object.values(hashes)) assert.match(hash, /^[0-9a-f]{64}$/);
    }
    for (const module of Object.values(modules)) {
      if (!('source' in module)) {
        assert.match(`${module.version} ${module.sum}`, /^v\S+ h1:\S+=$/);
        continue;
      }
      const sums = (await readFile(join(root, module.source, 'go.sum'), 'utf8')).trimEnd().split('\n');
      for (const line of sums) assert.match(line, /^\S+ v\S+ h1:\S+=$/);
    }
    for (const packages of Object.values(builders))
      for (const version of Object.values(packages)) assert.match(version, /^\d/);
  });

  it('refuses a module whose sum is another, before anything is compiled', async () => {
    verifies('engine:pinned');
    const calls: (readonly string[])[] = [];
    const go = {
      run: async (args: readonly string[]) => {
        calls.push(args);
        return JSON.stringify({ Dir: '/source', Sum: 'h1:other=' });
      },
    };
    const module = { path: 'example.org/it', version: 'v1.0.0', sum: 'h1:expected=', licence: 'MIT' };

    await assert.rejects(
      fetchModule(go, module),
      /sum is h1:other=, expected h1:expected=. Nothing was built/,
    );
    assert.deepEqual(calls, [['mod', 'download', '-json', 'example.org/it@v1.0.0']]);
  });

  it('refuses other bytes, and says when another builder made them', async () => {
    verifies('engine:reproducible');
    const manifest = await readManifest(root);
    const same = async () => ({ packages: manifest.builders[architecture] });
    const other = async () => ({
      packages: { ...manifest.builders[architecture], 'libc6-dev': '9', 'libc6-dev-arm64-cross': '9' },
    });
    const check = (name: string, sha256: string, builder: typeof same) =>
      checkProgram({ manifest, architecture, name, sha256, builder });

    const right = manifest.outputs[architecture]['runc'] ?? '';
    assert.equal((await check('runc', right, other)).problem, undefined);
    assert.match(
      (await check('runc', 'f00', same)).problem ?? '',
      /has the SHA-256 f00.*write the new hash with --update/,
    );
    assert.equal((await check('containerd', 'f00', other)).isComparable, true);
    const elsewhere = await check('runc', 'f00', other);
    assert.equal(elsewhere.isComparable, false);
    assert.match(elsewhere.problem ?? '', /built by other packages, .* 9 instead of /);
  });

  it('makes the same bytes in any folder', async () => {
    verifies('engine:reproducible');
    const manifest = await readManifest(root);
    const folders = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'berth-build-'))));
    const go = { run: () => Promise.reject(new Error('The init needs no Go.')) };
    const builder = () => openBuilder(manifest, architecture, join(folders[0] ?? '', 'sysroot'));
    const hashes = [];
    for (const folder of folders) {
      const output = join(folder, 'init');
      await buildProgram({ root, manifest, go, architecture, builder, output }, 'berth-init');
      hashes.push(await fileHash(output));
      await rm(folder, { recursive: true });
    }
    assert.equal(hashes[0], hashes[1]);
  });

  it('packs programs of the recorded bytes with licences and a bill of materials', async () => {
    verifies('engine:packages', 'engine:reproducible');
    const manifest = await readManifest(root);
    for (const [name, programs] of Object.entries(manifest.packages)) {
      const folder = join(root, `.cache/engine/${name}-linux-${architecture}`);
      assert.ok(existsSync(folder), `${folder} is missing: run npm run build:engine.`);
      const { cpu, os } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as Record<
        string,
        unknown
      >;
      assert.deepEqual([os, cpu], [['linux'], [architecture]]);
      await assertContents(manifest, folder, programs);
    }
  });

  async function assertContents(
    manifest: EngineManifest,
    folder: string,
    programs: readonly string[],
  ): Promise<void> {
    const bom = JSON.parse(await readFile(join(folder, 'bom.cdx.json'), 'utf8')) as {
      bomFormat: string;
      components: readonly {
        name: string;
        version: string;
        type: string;
        hashes?: readonly { content: string }[];
      }[];
    };
    assert.equal(bom.bomFormat, 'CycloneDX');
    for (const program of programs) {
      const hash = await fileHash(join(folder, 'bin', program));
      const listed = bom.components.find(
        (component) => component.name === program && component.type === 'application',
      );
      assert.equal(listed?.hashes?.[0]?.content, hash);
      if (manifest.programs[program]?.kind === 'go')
        assert.equal(hash, manifest.outputs[architecture][program]);
    }
    for (const { name, version, type } of bom.components) {
      if (type !== 'library' || !/^[a-z.]+\.[a-z]+\//.test(name)) continue;
      const texts = await readdir(join(folder, 'LICENSES', `${name}@${version}`));
      assert.ok(texts.length > 0, `${name} has no licence`);
    }
  }

  it('writes a bill of materials that depends on its contents alone', () => {
    verifies('engine:packages');
    const one = moduleComponent({ path: 'example.org/one', version: 'v1.0.0', sum: 'h1:1=' }, 'MIT');
    const two = moduleComponent({ path: 'example.org/two', version: 'v2.0.0', sum: 'h1:2=' }, undefined);
    const write = (...components: (typeof one)[]) =>
      billOfMaterials({ name: 'it', version: '1.0.0' }, { go: '1.26.8' }, components);

    assert.equal(write(one, two, one), write(two, one));
    assert.notEqual(write(one), write(two));
    assert.match(write(one), /"purl": "pkg:golang\/example.org\/one@v1.0.0"/);
  });
});
