import { BerthError } from '../shared/errors.ts';
import type { ImageIndex, PlatformDescriptor } from './manifest.ts';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
}

/** What this machine runs without help, in the spelling of image indexes. */
export function hostPlatform(architecture: string = process.arch): Platform {
  switch (architecture) {
    case 'x64':
      return { os: 'linux', architecture: 'amd64' };
    case 'arm64':
      return { os: 'linux', architecture: 'arm64', variant: 'v8' };
    case 'arm':
      return { os: 'linux', architecture: 'arm', variant: 'v7' };
    case 'ia32':
      return { os: 'linux', architecture: '386' };
    default:
      return { os: 'linux', architecture };
  }
}

/** `linux/arm64`, and `linux/arm/v7` where the variant tells images apart. */
export function describePlatform(platform: Platform): string {
  const variant = normalVariant(platform);
  return [platform.os, platform.architecture, ...(variant === '' ? [] : [variant])].join('/');
}

/** The entry for the first of `accepted` that the index offers. Throws `validation` that lists what it does offer. */
export function selectPlatform(
  index: ImageIndex,
  accepted: readonly Platform[],
  image: string,
): PlatformDescriptor {
  for (const wanted of accepted) {
    const found = index.manifests.find(
      (entry) => entry.platform !== undefined && matches(entry.platform, wanted),
    );
    if (found !== undefined) return found;
  }
  const offered = index.manifests.flatMap((entry) =>
    entry.platform === undefined || entry.platform.os === 'unknown' ? [] : [describePlatform(entry.platform)],
  );
  throw noPlatform(image, offered, accepted);
}

/** For an image that comes without an index. Throws `validation`. */
export function requirePlatform(offered: Platform, accepted: readonly Platform[], image: string): void {
  if (!accepted.some((wanted) => matches(offered, wanted)))
    throw noPlatform(image, [describePlatform(offered)], accepted);
}

function matches(offered: Platform, wanted: Platform): boolean {
  return (
    offered.os === wanted.os &&
    offered.architecture === wanted.architecture &&
    (offered.variant === undefined ||
      offered.variant === '' ||
      normalVariant(offered) === normalVariant(wanted))
  );
}

/** Only `v8` exists for arm64 in practice; with and without it mean the same. */
function normalVariant({ architecture, variant = '' }: Platform): string {
  return architecture === 'arm64' && variant === 'v8' ? '' : variant;
}

function noPlatform(image: string, offered: readonly string[], accepted: readonly Platform[]): BerthError {
  const offer =
    offered.length === 0 ? 'it offers no platform at all' : `it offers ${[...new Set(offered)].join(', ')}`;
  return new BerthError(
    'validation',
    `The image ${image} cannot run here: ${offer}, this server runs ${accepted.map(describePlatform).join(', ')}. Build it for that platform (docker buildx build --platform ${describePlatform(accepted[0] ?? hostPlatform())})${offered.length === 0 ? '' : ", or let this machine emulate another: install qemu-user-static, or run tonistiigi/binfmt, with binfmt_misc mounted and handlers that have the flag F, for an isolation whose kernel is the machine's own (runc), and update the runtime"}.`,
  );
}
