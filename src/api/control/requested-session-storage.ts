import { invalidField } from '../../shared/errors.ts';
import type { FilesystemConfiguration } from '../model/generated/types.ts';

/**
 * The path that a runtime's sessions have their storage at, or undefined when they have none. Throws `validation` for file
 * systems that live in AWS, for a second storage, and for a path that is no folder of its own below /mnt (contract 2.1).
 */
export function requestedSessionStorage(
  configurations: readonly FilesystemConfiguration[] | undefined,
): string | undefined {
  const paths = (configurations ?? []).map((configuration, index) => {
    const place = `filesystemConfigurations.${index}`;
    for (const [member, instead] of Object.entries(unbuilt)) {
      if (configuration[member as keyof typeof unbuilt] === undefined) continue;
      throw invalidField(`${place}.${member}`, `${member} ${instead}`);
    }
    const { sessionStorage } = configuration;
    if (sessionStorage === undefined)
      throw invalidField(place, 'An item of filesystemConfigurations has one member: use sessionStorage.');
    const { mountPath } = sessionStorage;
    if (/^\/mnt\/\.{1,2}\/?$/.test(mountPath))
      throw invalidField(
        `${place}.sessionStorage.mountPath`,
        `mountPath is '${mountPath}'; expected a folder directly below /mnt, such as /mnt/data.`,
      );
    return mountPath;
  });
  if (paths.length > 1) {
    throw invalidField(
      'filesystemConfigurations',
      'A session has one storage: give one item with sessionStorage.',
    );
  }
  return paths[0];
}

/** Members of the union that are not built: their files live outside this server. */
const unbuilt = {
  s3FilesAccessPoint:
    'mounts files of Amazon S3, which is not built. Use sessionStorage for files of one session, or have the agent read from S3 itself.',
  efsAccessPoint:
    'mounts files of Amazon EFS, which is not built. Use sessionStorage for files of one session.',
  capacityProviderVolume:
    'belongs to capacity providers, which are not built. Use sessionStorage for files of one session.',
} as const;
