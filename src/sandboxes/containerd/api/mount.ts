/** A mount as containerd describes it: `source` on `target` below the mount point (usually empty), with mount(8) options. */
export interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly options: readonly string[];
}
