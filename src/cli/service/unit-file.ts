export interface UnitParts {
  /** Absolute. */
  readonly program: string;
  /** Flags of `berth up`, the home among them. */
  readonly flags: readonly string[];
  /** Absolute. */
  readonly home: string;
  /** Holds further settings; need not exist. */
  readonly environmentFile: string;
  /** How long a server may take to end its calls. */
  readonly stopLimitMs: number;
}

/**
 * A unit for systemd. Only the server itself is ever killed (`KillMode=process`): containerd, the sandboxes and an old server
 * that still finishes its calls are in its group, too, and outlive it.
 */
export function unitFile({ program, flags, home, environmentFile, stopLimitMs }: UnitParts): string {
  const berth = (...args: readonly string[]) => [program, ...args].map(unitQuote).join(' ');
  return `# Written by 'berth service install'.
[Unit]
Description=Berth: agents in sandboxes (${home.replaceAll('%', '%%')})
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
Type=notify
# systemd-notify is a process of its own, and after a reload so is the server.
NotifyAccess=all
EnvironmentFile=-${environmentFile.replaceAll('%', '%%')}
ExecStart=${berth('up', ...flags)}
# Replaces the server without a call that fails; settings of the environment file are read again.
ExecReload=${berth('upgrade', '--home', home, '--new-settings')}
# Sandboxes outlive the server. To end them: berth down --sessions
KillMode=process
Delegate=yes
# Keys, and memory of sessions on their way to disk, stay out of swap.
MemorySwapMax=0
Restart=on-failure
RestartSec=1
TimeoutStartSec=300
TimeoutStopSec=${Math.ceil(stopLimitMs / 1000) + 30}
LimitNOFILE=1048576
TasksMax=infinity

[Install]
WantedBy=multi-user.target
`;
}

/** As systemd.service(5) reads a command line: no variable and no specifier means anything in it. */
function unitQuote(word: string): string {
  const plain = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  if (/^[\w./:@%+,=-]+$/.test(plain)) return plain;
  return `"${plain.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
