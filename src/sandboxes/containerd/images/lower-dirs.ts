import type { Mount } from '../api/mount.ts';

/** The folders of a read-only snapshot, topmost first, as overlayfs wants them. */
export function lowerDirsOf(mounts: readonly Mount[]): readonly string[] {
  const [mount, ...more] = mounts;
  if (mount === undefined || more.length > 0) throw unexpected(mounts);
  if (mount.type === 'bind') return [mount.source];
  const option = mount.options.find((text) => text.startsWith('lowerdir='));
  if (mount.type !== 'overlay' || option === undefined) throw unexpected(mounts);
  return option.slice('lowerdir='.length).split(':');
}

function unexpected(mounts: readonly Mount[]): TypeError {
  return new TypeError(`The snapshotter answered mounts that are not an overlay: ${JSON.stringify(mounts)}`);
}
