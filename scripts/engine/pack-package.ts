import { chmod, copyFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { billOfMaterials, type Component, moduleComponent, modulesOf } from './bill-of-materials.ts';
import type { Builder } from './builder.ts';
import { type Architecture, type EngineManifest, moduleOf } from './engine-manifest.ts';
import { fileHash, sourcesHash } from './file-hash.ts';
import type { GoTool } from './go-tool.ts';
import { copyLicences } from './licences.ts';
import { runTool } from './run-tool.ts';

export interface PackageParts {
  /** Of the repository. */
  readonly root: string;
  readonly manifest: EngineManifest;
  readonly go: GoTool;
  readonly architecture: Architecture;
  readonly builder: () => Promise<Builder>;
  /** Path of a program that was built. */
  readonly programFile: (name: string) => string;
  /** Where the package's folder and its tarball go. */
  readonly target: string;
}

/** Makes the npm package `<name>-linux-<architecture>` as a folder and as a tarball; returns its name. */
export async function packPackage(parts: PackageParts, name: string, version: string): Promise<string> {
  const { manifest, architecture, target } = parts;
  const fullName = `${name}-linux-${architecture}`;
  const programs = manifest.packages[name] ?? [];
  const work = join(target, `.${fullName}.new`);
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'bin'), { recursive: true });
  for (const program of programs) {
    const file = join(work, 'bin', program);
    await copyFile(parts.programFile(program), file);
    await chmod(file, 0o755);
  }
  const components = await describeContents(parts, programs, join(work, 'LICENSES'));
  const subject = { name: fullName, version };
  await writeFile(join(work, 'bom.cdx.json'), billOfMaterials(subject, manifest, components));
  await writeFile(join(work, 'README.md'), readme(fullName, programs));
  await copyFile(join(parts.root, 'LICENSE'), join(work, 'LICENSE'));
  await writeFile(
    join(work, 'package.json'),
    `${JSON.stringify(
      {
        ...subject,
        description: `Programs of Berth's sandbox engine for Linux on ${architecture}: ${programs.join(', ')}.`,
        license: 'SEE LICENSE IN README.md',
        os: ['linux'],
        cpu: [architecture],
        files: ['bin', 'LICENSES', 'bom.cdx.json'],
        preferUnplugged: true,
      },
      undefined,
      2,
    )}\n`,
  );
  const folder = join(target, fullName);
  await rm(folder, { recursive: true, force: true });
  await rename(work, folder);
  await runTool('npm', ['pack', '--silent', '--pack-destination', target, folder], { cwd: target });
  return fullName;
}

async function describeContents(
  { root, manifest, go, builder, architecture }: PackageParts,
  programs: readonly string[],
  licences: string,
): Promise<readonly Component[]> {
  const moduleCache = (await go.run(['env', 'GOMODCACHE'])).trim();
  const goRoot = (await go.run(['env', 'GOROOT'])).trim();
  const components: Component[] = [];
  await mkdir(licences, { recursive: true });
  for (const name of programs) {
    const file = join(licences, '../bin', name);
    const sha256 = await fileHash(file);
    const program = manifest.programs[name];
    if (program === undefined) continue;
    if (program.kind === 'c') {
      components.push({
        type: 'application',
        name,
        version: await sourceVersion(root, dirname(program.source)),
        licence: 'Apache-2.0',
        purl: `pkg:generic/${name}`,
        properties: { 'berth:source': program.source },
        sha256,
      });
      continue;
    }
    const module = moduleOf(manifest, program.module);
    const isOwn = 'source' in module;
    const version = isOwn ? await sourceVersion(root, module.source) : module.version;
    components.push({
      type: 'application',
      name,
      version,
      licence: module.licence,
      purl: `pkg:generic/${name}@${version}`,
      properties: isOwn
        ? { 'berth:source': module.source }
        : { 'go:module': module.path, 'go:sum': module.sum },
      sha256,
    });
    for (const used of [...(isOwn ? [] : [module]), ...(await modulesOf(go, file))])
      components.push(moduleComponent(used, await copyLicences(moduleCache, used, licences)));
    await copyFile(join(goRoot, 'LICENSE'), join(licences, 'go-standard-library.txt'));
    components.push(goLibrary(manifest.go));
    if (program.kind === 'cgo')
      components.push(...(await cLibraries(await builder(), architecture, licences)));
  }
  return components;
}

function goLibrary(version: string): Component {
  return {
    type: 'library',
    name: 'Go standard library',
    version,
    licence: 'BSD-3-Clause',
    purl: `pkg:golang/std@${version}`,
    properties: {},
  };
}

/** Those that runc is linked with. Debian's copyright files are their licences. */
async function cLibraries(
  { packages, sysroot }: Builder,
  architecture: Architecture,
  licences: string,
): Promise<readonly Component[]> {
  const components: Component[] = [];
  for (const [name, version] of Object.entries(packages)) {
    if (!name.startsWith('lib') || version === 'none') continue;
    const plain = name.replace(/:.*/, '');
    const documents = name.includes(':') ? join(sysroot?.root ?? '/', 'usr/share/doc') : '/usr/share/doc';
    await writeFile(join(licences, `${plain}.txt`), await readFile(join(documents, plain, 'copyright')));
    components.push({
      type: 'library',
      name: plain,
      version,
      licence: plain.startsWith('libgcc') ? undefined : 'LGPL-2.1-or-later',
      purl: `pkg:deb/debian/${plain}@${encodeURIComponent(version)}?arch=${architecture}`,
      properties: { 'berth:linked': 'statically, into runc' },
    });
  }
  return components;
}

/** For what is of this repository and has no version of its own. */
async function sourceVersion(root: string, folder: string): Promise<string> {
  return `sha256-${(await sourcesHash(root, [folder])).slice(0, 12)}`;
}

function readme(name: string, programs: readonly string[]): string {
  const hasC = programs.includes('runc');
  return `# ${name}

Programs of the sandbox engine of Berth: ${programs.join(', ')}. They are found by Berth when this package is installed beside it.

\`bom.cdx.json\` lists every program with its SHA-256 and all that is in it, with versions and sums. \`LICENSES\` has the licence of
each component. What Berth itself adds is under the Apache License 2.0 (\`LICENSE\`).
${
  hasC
    ? `
\`runc\` is linked statically with libseccomp and the GNU C library, which are under the GNU Lesser General Public License 2.1 or
later. Their versions are those of the Debian packages in \`bom.cdx.json\`; their source is in the Debian source packages
\`libseccomp\` and \`glibc\` of these versions. The complete source of runc is the Go module named there, and
\`npm run build:engine\` in Berth's repository links it anew, with changed libraries when you install such.
`
    : ''
}`;
}
