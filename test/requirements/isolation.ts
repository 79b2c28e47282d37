const ownUsers = 'issue sandbox engine, Isolation by name (user namespaces for runc)';

/** Walls by name, and what they hold: issue "sandbox engine", Isolation by name. */
export const isolation = {
  'isolation:gvisor': {
    text: 'Sandboxes of the isolation gvisor keep the contract of those of runc, with the same limits, on each engine; the few differences are listed',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:examples': {
    text: 'The example agents in Node and Python, and an MCP server, answer from sandboxes of gVisor',
    source: 'issue sandbox engine, Isolation by name',
  },
  'isolation:by-runtime': {
    text: "An isolation is chosen for a server, and by an option for one runtime's sandboxes",
    source: 'issue sandbox engine, Isolation by name',
  },
  'isolation:kernel-calls': {
    text: 'Root inside is refused every system call that would change or read the machine: modules, mounts, devices, namespaces, raw sockets, tracing, BPF, keys, clocks',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:kernel-files': {
    text: "No file of the host's kernel can be written to inside: sysrq, core pattern, release agents of control groups, devices",
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:processes': {
    text: 'No process of the host or of another sandbox is seen, signalled or traced',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:files': {
    text: 'No file of the host or of another sandbox is read, by whatever path',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:engine-socket': {
    text: "Neither the engine's socket nor an abstract socket of the host is reached",
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:host-services': {
    text: 'Nothing of the host answers a sandbox but the internal listener, and no metadata service of a cloud',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:internal-data-plane': {
    text: "The internal listener serves a sandbox the data plane and its own credentials alone: no operators' API, registry, metrics or control plane, to no key",
    source: 'issue sandbox engine, Isolation by name, done when 2; design.md 4',
  },
  'isolation:neighbours': {
    text: 'No other sandbox is reached, and none can speak with the address of another',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:links': {
    text: 'Links that an agent puts into its file system lead nobody on the host astray',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:log': {
    text: 'An agent can neither shorten nor read its log, nor reach it as a file',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:bombs': {
    text: 'Bombs of processes, threads, memory, files, descriptors, pipes and connections end within their sandbox, while the host and a neighbour go on',
    source: 'issue sandbox engine, Isolation by name, done when 2',
  },
  'isolation:configured': {
    text: 'Any OCI runtime or shim is an isolation by the name that a file of the server gives it; what cannot be used is told with what to do',
    source: 'issue sandbox engine, Isolation by name',
  },
  'isolation:own-users': {
    text: "Users of a sandbox of runc, root included, are nobody's on the host, and other ones in each sandbox",
    source: ownUsers,
  },
  'isolation:own-users-as-expected': {
    text: "In a user namespace, images find what they find without: owners of files, root's rights over them, ports below 1024, their output by name",
    source: ownUsers,
  },
  'isolation:own-users-storage': {
    text: "A session's storage keeps its owners from one sandbox to the next, whoever they are on the host",
    source: ownUsers,
  },
  'isolation:own-users-fallback': {
    text: "Where kernel, engine, file system or image do not allow it, or it is switched off, a sandbox starts with the host's users, and berth doctor says why",
    source: ownUsers,
  },
  'isolation:own-users-clean': {
    text: 'Mounts that a user namespace needs for a moment are gone after it, and after a crash by a sweep',
    source: ownUsers,
  },
} as const;
