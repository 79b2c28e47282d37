import { parseAddress } from '../network/ipv4.ts';

/** Users and groups of the host that are those of one sandbox: its 0 is `firstId`, and so on. */
export interface UserRange {
  readonly firstId: number;
}

/** What images expect to have, root to nobody. */
export const idsPerRange = 65_536;

/**
 * Between what distributions give to users' own containers (/etc/subuid, from 100,000 on) and the end of signed numbers, and far from
 * systemd's and kubelet's first picks.
 */
const firstRange = 0x3000_0000;
const ranges = 0x4000;

/**
 * By the sandbox's address: no other sandbox of its server has these users. A server's addresses are at most 9,216 in a row; those of
 * another server on the machine may have the same.
 */
export function userRangeOf(address: string): UserRange {
  const number = parseAddress(address) ?? 0;
  return { firstId: firstRange + (number % ranges) * idsPerRange };
}

/** The `uidMappings` and `gidMappings` of an OCI spec. */
export function idMappings({ firstId }: UserRange): readonly object[] {
  return [{ containerID: 0, hostID: firstId, size: idsPerRange }];
}

/** Mount options by which containerd shows the layers of an image as the sandbox's own files. */
export function idMapOptions({ firstId }: UserRange): readonly string[] {
  return [`uidmap=0:${firstId}:${idsPerRange}`, `gidmap=0:${firstId}:${idsPerRange}`];
}
