/** A prepared, size-limited ext4 file system for the writable layer of one sandbox. */
export interface SandboxDisk {
  /** `disk-…`, the key of `release`; never used twice. */
  readonly name: string;
  /** overlayfs upperdir, 0755 root. */
  readonly upperDir: string;
  /** overlayfs workdir, on the same file system. */
  readonly workDir: string;
}
