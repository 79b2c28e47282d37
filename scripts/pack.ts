/**
 * Packs Berth as the npm package `berth`, into .cache/pack: JavaScript instead of TypeScript, since Node runs no TypeScript in
 * node_modules, and the engine's packages among its optional dependencies.
 *
 *   npm run pack
 *
 * `npm run build:engine` makes the engine's packages. Publish those first, then this one, all with the same version.
 */
import { cp, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import { architectures, readManifest } from './engine/engine-manifest.ts';
import { runTool } from './engine/run-tool.ts';

const root = resolve(import.meta.dirname, '..');
const target = join(root, '.cache/pack');
const folder = join(target, 'berth');

/** What of package.json is for the clone only. */
const ofClone = ['private', 'scripts', 'devDependencies'] as const;

await rm(target, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await runTool('tsc', ['--project', 'tsconfig.build.json'], { cwd: root });
for await (const path of glob('src/**/*.{json,proto}', { cwd: root })) {
  const copy = join(folder, 'dist', path.slice('src/'.length));
  await mkdir(dirname(copy), { recursive: true });
  await cp(join(root, path), copy);
}
for (const path of ['bin', 'docs', 'LICENSE', 'NOTICE', 'README.md', 'CHANGELOG.md'])
  await cp(join(root, path), join(folder, path), { recursive: true });
await writeFile(join(folder, 'package.json'), `${JSON.stringify(await packedManifest(), undefined, 2)}\n`);
const file = (
  await runTool('npm', ['pack', '--silent', '--pack-destination', target, folder], { cwd: target })
).trim();
console.log(join(target, file));

async function packedManifest(): Promise<object> {
  const shape = z.looseObject({
    version: z.string(),
    optionalDependencies: z.record(z.string(), z.string()),
  });
  const manifest = shape.parse(JSON.parse(await readFile(join(root, 'package.json'), 'utf8')));
  const { packages } = await readManifest(root);
  const engine = Object.keys(packages).flatMap((name) =>
    architectures.map((architecture) => [`${name}-linux-${architecture}`, manifest.version] as const),
  );
  const kept = Object.entries(manifest).filter(([key]) => !ofClone.some((name) => name === key));
  return {
    ...Object.fromEntries(kept),
    optionalDependencies: { ...manifest.optionalDependencies, ...Object.fromEntries(engine) },
  };
}
