const source = 'issue sandbox engine, Restart and recovery';

/** How a server is replaced, and what is left of what dies: issue "sandbox engine", Restart and recovery. */
export const restart = {
  'restart:upgrade': {
    text: 'berth upgrade, and SIGHUP, replace the running server by what is installed now: no call fails, neither one that runs, nor one that arrives meanwhile',
    source,
  },
  'restart:running-calls': {
    text: 'Streams, WebSockets, commands and shells that run during an upgrade go on in the old server until they end or BERTH_UPGRADE_TIMEOUT has passed; it takes no new connections',
    source,
  },
  'restart:no-idle-while-relayed': {
    text: 'A session into which the old server still relays a call is not idle for the new one, and its call is told when the new one ends it',
    source,
  },
  'restart:late-calls': {
    text: 'A request on a connection of the old server, or one that waited for a start there, is served: the new server decides over the session, the old one relays',
    source,
  },
  'restart:failed-upgrade': {
    text: 'A new server that cannot start (settings, program, newer database, engine) leaves the old one serving as before, and the reason is told',
    source,
  },
  'restart:failed-late': {
    text: 'A new server that fails or is killed after it has taken over everything leaves the old one serving as before: no call fails, sessions (pooled, frozen, hibernated) are as they were, and what it changed on the machine (rules, addresses, sockets, credentials) is put back',
    source,
  },
  'restart:one-decides': {
    text: 'While one server takes over from another exactly one decides over sessions, jobs and disks: the new one begins when the old one has said that it left, or is gone',
    source,
  },
  'restart:unpacking-at-rest': {
    text: 'What is being unpacked when a server hands over is broken off there, with nothing left of it, before the other one sweeps, and is done again by whoever goes on',
    source,
  },
  'restart:taken-up-again': {
    text: 'After a handover that failed everything is taken up again that can be, sessions first of all; what cannot is logged as an error',
    source,
  },
  'restart:in-charge': {
    text: 'What a new server has still to do when the old one has left (credentials, jobs) never ends it: what fails is logged and tried again, and servers that end meanwhile take nothing from it',
    source,
  },
  'restart:migration': {
    text: 'When the new version changes the database the old server ends first, and connections wait meanwhile in the listen queue',
    source,
  },
  'restart:no-inherited-sockets': {
    text: 'Sockets that a server was handed down are not handed on to programs that it starts',
    source,
  },
  'restart:service': {
    text: 'berth service install writes a systemd unit (KillMode=process, Delegate=yes, Restart=, environment file, reload that upgrades in place, readiness by sd_notify), starts it, and says what outlives it; --dry-run prints it; without systemd it says so',
    source,
  },
  'restart:socket-activation': {
    text: 'Sockets that systemd passes (LISTEN_FDS) are the public listeners',
    source,
  },
  'restart:killed-at-every-step': {
    text: 'The server may be killed at every step of a start, claim, refill of a pool, relay, freeze, thaw, way to disk and back, stop, pull, unpacking and handover: the next one loses no session and leaves nothing behind, and the interrupted call can be made again',
    source: 'issue sandbox engine, Done when 3',
  },
  'restart:soak': {
    text: 'Under random use, crashes of agents, kills of the server and containerd, restarts, upgrades and updates no session is lost, whether it runs, is frozen or on disk, and nothing is left; what kills nothing fails no call',
    source: 'issue sandbox engine, Done when 3',
  },
  'restart:reboot': {
    text: 'After a reboot sessions are ended with the reason reboot, what containerd, disks and the home still hold of their sandboxes is removed, and their ids start clean',
    source,
  },
  'restart:containerd-gone': {
    text: 'While containerd is killed, again and again, or does not come back, calls into live sessions are answered, starts fail with an error or succeed, and all is well when it is back; /readyz says what is wrong',
    source,
  },
} as const;
