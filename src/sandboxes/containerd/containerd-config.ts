export interface ContainerdPaths {
  /** What must survive a reboot: content, snapshots, metadata. */
  readonly root: string;
  /** What must not: bundles, sockets of shims. */
  readonly state: string;
  /** Absolute and short: a socket's path has at most 107 bytes, and containerd appends to it. */
  readonly socketPath: string;
  /** Of the snapshotter for layers that are not here yet, which need not answer; absolute and short, too. */
  readonly lazySocketPath: string;
}

/** The configuration file of a private containerd, in the format that 1.6 to 2.x read. */
export function containerdConfig({ root, state, socketPath, lazySocketPath }: ContainerdPaths): string {
  const disabled = unneededPlugins.map((plugin) => `  ${JSON.stringify(plugin)},\n`).join('');
  return `# Written by Berth at every start of its containerd.
version = 2
root = ${JSON.stringify(root)}
state = ${JSON.stringify(state)}
disabled_plugins = [
${disabled}]

[grpc]
  address = ${JSON.stringify(socketPath)}

[debug]
  level = "warn"

[proxy_plugins.stargz]
  type = "snapshot"
  address = ${JSON.stringify(lazySocketPath)}

[plugins."io.containerd.gc.v1.scheduler"]
  pause_threshold = 0.02
  deletion_threshold = 0
  mutation_threshold = 100
  schedule_delay = "0s"
  startup_delay = "1ms"
`;
}

/** Plugins that Berth has no use for, by their names in 1.6 and in 2.x: less to start and less to attack. */
const unneededPlugins = [
  'io.containerd.cri.v1.images',
  'io.containerd.cri.v1.runtime',
  'io.containerd.grpc.v1.cri',
  'io.containerd.grpc.v1.sandbox-controllers',
  'io.containerd.grpc.v1.streaming',
  'io.containerd.grpc.v1.transfer',
  'io.containerd.internal.v1.opt',
  'io.containerd.internal.v1.restart',
  'io.containerd.internal.v1.tracing',
  'io.containerd.monitor.container.v1.restart',
  'io.containerd.nri.v1.nri',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.tracing.processor.v1.otlp',
  'io.containerd.transfer.v1.local',
];
