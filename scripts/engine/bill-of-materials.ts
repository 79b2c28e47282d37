import { createHash } from 'node:crypto';
import type { EngineManifest } from './engine-manifest.ts';
import type { GoTool } from './go-tool.ts';

/** A module of Go that is in a program. */
export interface UsedModule {
  readonly path: string;
  readonly version: string;
  /** As in go.sum. */
  readonly sum: string;
}

/** The modules in a program that Go built, but for its own. */
export async function modulesOf(go: GoTool, file: string): Promise<readonly UsedModule[]> {
  const lines = (await go.run(['version', '-m', file])).split('\n').map((line) => line.trim().split('\t'));
  const modules: UsedModule[] = [];
  for (const [kind, path = '', version = '', sum = ''] of lines) {
    // What replaces a module comes in the line after it.
    if (kind === '=>') modules.pop();
    if (kind === 'dep' || kind === '=>') modules.push({ path, version, sum });
  }
  return modules;
}

export interface Component {
  readonly name: string;
  readonly version: string;
  readonly licence: string | undefined;
  readonly purl: string;
  readonly properties: Readonly<Record<string, string>>;
  /** SHA-256 in hex, of a file of the package. */
  readonly sha256?: string;
  readonly type: 'application' | 'library';
}

export function moduleComponent({ path, version, sum }: UsedModule, licence: string | undefined): Component {
  return {
    type: 'library',
    name: path,
    version,
    licence,
    purl: `pkg:golang/${path}@${version}`,
    properties: { 'go:sum': sum },
  };
}

/** CycloneDX 1.5, the same bytes for the same contents. */
export function billOfMaterials(
  subject: { readonly name: string; readonly version: string },
  manifest: Pick<EngineManifest, 'go'>,
  components: readonly Component[],
): string {
  const unique = [...new Map(components.map((component) => [component.purl, component])).values()];
  const listed = unique
    .toSorted((one, other) => (one.purl < other.purl ? -1 : 1))
    .map(({ type, name, version, licence, purl, properties, sha256 }) => ({
      type,
      'bom-ref': purl,
      name,
      version,
      purl,
      ...(licence !== undefined && { licenses: [{ license: { id: licence } }] }),
      ...(sha256 !== undefined && { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
      properties: Object.entries(properties).map(([key, value]) => ({ name: key, value })),
    }));
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify([subject, listed]))}`,
    version: 1,
    metadata: {
      component: { type: 'application', 'bom-ref': subject.name, ...subject },
      properties: [{ name: 'go:version', value: manifest.go }],
    },
    components: listed,
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

/** Made from the contents, so that nothing is random. */
function uuidOf(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
