/** What this machine has run out of: nothing that the other side of a connection did. */
const localCodes: ReadonlySet<unknown> = new Set(['EADDRNOTAVAIL', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/** Whether a connection failed on this side, for want of descriptors, ports or memory. */
export function isLocalError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && localCodes.has(error.code);
}
