/** The sandbox port, the containerd driver, its disks, networks, logs and the admission gate: issue "main path", Sandboxes. */
export const sandboxes = {
  'sandboxes:contract': {
    text: 'Every driver passes one contract suite: start, list, waitForExit, remove and sweep act on sandbox ids and are idempotent where they say so',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:leases': {
    text: 'What a start needs is held by a lease until its container holds it, so that the collector never takes it',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:labels': {
    text: 'Every container carries the ids of its server and its sandbox; another process on the same home finds them all',
    source: 'issue main path, Sandboxes / design 4',
  },
  'sandboxes:disk-limit': {
    text: 'A sandbox that fills its disk sees a full disk; the host and the other sandboxes do not',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:disk-size': {
    text: 'The disk has the configured size (10 GB), or what the machine can give above its reserve',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:disk-prepared': {
    text: 'Disks are prepared ahead, empty, used by one sandbox and deleted afterwards',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:disk-pressure': {
    text: 'Before the host has no disk space left, the sandbox that takes the most is ended, and its callers are told why',
    source: 'issue main path, bad input',
  },
  'sandboxes:host-disk-full': {
    text: 'With less free on the host than the reserve, a start fails with a clear error and disks that exist are not harmed',
    source: 'issue main path, Bad input',
  },
  'sandboxes:no-new-privileges': {
    text: 'A set-user-id program inside gains nothing',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:seccomp': {
    text: 'System calls outside the default seccomp profile are refused',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:capabilities': {
    text: 'An agent has few capabilities, never NET_ADMIN, NET_RAW or SYS_ADMIN',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:masked-paths': {
    text: 'Kernel paths that tell of or change the host are masked or read-only',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:pids-limit': {
    text: 'An agent that forks without end meets its limit (1,024) and the host goes on',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:memory-limit': {
    text: 'An agent over its memory limit (8 GB, capped to the machine) is ended and reported as out of memory',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:cpu-limit': {
    text: 'An agent gets at most its CPUs (2, capped to the machine)',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:image-settings': {
    text: "The image's own user (name or number), environment, entrypoint, command and working directory apply",
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:image-links': {
    text: 'A link in an image leads nowhere on the host: an image with one in place of /dev, /proc, /sys or /.berth is refused',
    source: 'design 4, images / threat model',
  },
  'sandboxes:file-system': {
    text: '/tmp, /dev/shm, /etc/hosts and /etc/resolv.conf are there and usable',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:init': {
    text: 'A static init is PID 1: it passes signals on and reaps, so that an agent without a SIGTERM handler ends at once',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:environment': {
    text: 'The environment is what the contract says; variables that the version declares win over the image and over Berth',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:network-pool': {
    text: 'Network namespaces are prepared ahead, used by one sandbox and removed with their link; an address is free again only then',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:network-adoption': {
    text: 'After `kill -9` the next process keeps subnet and namespaces of live sandboxes and removes the others and links without a namespace',
    source: 'issue main path, Done when 4',
  },
  'sandboxes:no-sandbox-to-sandbox': {
    text: 'A sandbox reaches no other sandbox',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:no-host': {
    text: "A sandbox reaches nothing on the host except Berth's internal listener, by none of the host's addresses",
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:no-spoofing': {
    text: 'A frame with a source address that is not its own does not leave a sandbox',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:closed-ranges': {
    text: 'Link-local with the metadata address, loopback, multicast and private ranges are closed',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:allow-cidr': {
    text: 'An allowed range is open; a wide one does not open link-local, loopback or the host',
    source: 'issue main path, Sandboxes (--allow-cidr)',
  },
  'sandboxes:allow-host-port': {
    text: 'An allowed host port is reachable as host.berth.internal',
    source: 'issue main path, Sandboxes (--allow-host-port)',
  },
  'sandboxes:host-connections': {
    text: 'One sandbox holds at most 256 connections to the host, so that it cannot keep others from its services',
    source: 'threat model / issue main path, bad input',
  },
  'sandboxes:egress': {
    text: "Other egress is open, under the host's address, and can be switched off",
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:no-ingress': {
    text: 'The network around the host reaches neither a sandbox nor the internal listener',
    source: 'issue main path, Sandboxes / design 4',
  },
  'sandboxes:no-ipv6': {
    text: 'IPv6 is off inside sandboxes and dropped from them',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:nameservers': {
    text: 'A loopback resolver of the host is replaced by its upstreams; only port 53 of a private name server is open',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:log-file': {
    text: 'stdout and stderr go to one file per sandbox, without the server',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:log-rotation': {
    text: 'The log keeps its newest bytes within its size; where bytes were dropped a line says how many; a follower misses none that are kept',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:log-long-lines': {
    text: '60 MB lines neither block the agent nor are held in memory',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:log-escaped': {
    text: 'Control sequences of an agent never reach a terminal or an error message as such',
    source: 'issue main path, CLI (berth logs)',
  },
  'sandboxes:admission-in-flight': {
    text: 'Only so many sandboxes start at a time; runtimes take turns',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:admission-memory': {
    text: 'No sandbox starts into the memory reserve',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:admission-queue': {
    text: 'Waiting starts are bounded in number and time; beyond, the caller is throttled',
    source: 'issue main path, Sandboxes',
  },
  'sandboxes:exec': {
    text: 'A program can be run beside the agent: its own streams with back-pressure, its exit code; what it leaves in the background holds nobody up',
    source: 'issue data plane, Commands and shells',
  },
  'sandboxes:exec-terminal': {
    text: 'A program may have a terminal, which is resized and carries its keys',
    source: 'issue data plane, Commands and shells',
  },
  'sandboxes:exec-walls': {
    text: "A program beside the agent has the agent's user, groups, variables, capabilities, seccomp profile, no_new_privs, control group, limits and namespaces",
    source: 'issue data plane, Commands and shells',
  },
  'sandboxes:exec-kill': {
    text: 'A killed program takes with it all that it started; it ends when nobody wants it any more, when its sandbox ends, and at the latest when the server is started again',
    source: 'issue data plane, Commands and shells',
  },
  'sandboxes:exec-kill-bounded': {
    text: 'However many processes a program has started, few programs of the host run at a time to end them; nobody outside its tree is signalled',
    source: 'issue data plane, Commands and shells / threat model',
  },
  'sandboxes:exec-kill-failure': {
    text: 'A program that cannot be signalled just then, since its engine does not answer, breaks nothing; the next sweep ends it',
    source: 'issue data plane, Commands and shells / design.md 5.2',
  },
  'sandboxes:exec-limit': {
    text: 'At most 32 programs run in one sandbox beside its agent',
    source: 'issue data plane, Commands and shells',
  },
  'sandboxes:exec-files': {
    text: 'Only root can look into or guess the FIFOs of a program; none is left after it',
    source: 'issue data plane, Commands and shells',
  },
  'sandboxes:containerd-killed': {
    text: 'After `kill -9` of containerd the agents keep answering; it is restarted and has its sandboxes again',
    source: 'issue main path, Done when 4',
  },
  'sandboxes:no-leaks': {
    text: 'A removed sandbox leaves no snapshot, disk, namespace, control group, mount or process',
    source: 'issue main path, Done when 4',
  },
} as const;
