/** A prepared network namespace: interface `eth0` up, address and default route set, nothing running in it. */
export interface NetworkSlot {
  /** `bth-<tag>-<n>-<nonce>`: the namespace's name under /run/netns and the key of `release`; never used twice. */
  readonly name: string;
  /** For the OCI spec's network namespace. */
  readonly namespacePath: string;
  /** IPv4; the agent is reached here from the host. */
  readonly address: string;
  /** The bridge's own address, where Berth's internal listener is. */
  readonly gateway: string;
}
