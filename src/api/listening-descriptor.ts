import type { Server } from 'node:net';

/** The descriptor of a server's socket, to be inherited by another process; undefined when it does not listen. */
export function listeningDescriptor(server: Server): number | undefined {
  // Node has no public name for it; a handover test would be the first to notice a change.
  const handle: unknown = '_handle' in server ? server._handle : undefined;
  if (typeof handle !== 'object' || handle === null || !('fd' in handle)) return undefined;
  return typeof handle.fd === 'number' && handle.fd >= 0 ? handle.fd : undefined;
}
