import { describePlatform, hostPlatform, type Platform } from '../../../images/platform.ts';
import { BerthError } from '../../../shared/errors.ts';

/** Throws `runtime-client-error` for an image of another machine where the machine's kernel, which emulates those, is not at work. */
export function requireRunnableOn(platform: Platform, isolation: string, sharesKernel: boolean): void {
  const own = hostPlatform();
  if (sharesKernel || platform.architecture === own.architecture) return;
  throw new BerthError(
    'runtime-client-error',
    `The image cannot be started: it is for ${describePlatform(platform)}, which only the kernel of this ${describePlatform(own)} machine can emulate, and sandboxes of the isolation '${isolation}' have a kernel of their own. Build the image for ${describePlatform(own)}, or set berth:isolation=runc.`,
  );
}
