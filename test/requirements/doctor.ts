const source = 'issue sandbox engine, Isolation by name (berth doctor)';

/** What `berth doctor` tells of a machine: issue "sandbox engine", Isolation by name. */
export const doctor = {
  'doctor:command': {
    text: 'berth doctor needs no running server, shows each finding with its state and what to do, also as JSON, and ends with 1 when something keeps Berth from running',
    source,
  },
  'doctor:real': {
    text: 'On a real machine berth doctor tries what a server needs and leaves nothing behind',
    source,
  },
  'doctor:unprivileged': {
    text: 'Run by another user than root, it says what could not be looked at',
    source,
  },
  'doctor:isolations': {
    text: 'It says which isolations are usable and why the others are not, those of the operator too, by running a sandbox where an OCI runtime can',
    source,
  },
  'doctor:kernel': {
    text: 'It tells what the kernel lacks: control groups, namespaces, overlay, bridges, nftables, limits of swap',
    source,
  },
  'doctor:machine': {
    text: "It tells what is wrong with the server's home, disk, memory, clock and limit of open files",
    source,
  },
  'doctor:engine': {
    text: 'It tells which programs of the engine are found, where and in which version, and which are missing, old or unsafe',
    source,
  },
  'doctor:network': {
    text: 'It tells which programs and name servers are missing, and what other firewalls of the host mean',
    source,
  },
  'doctor:ports': { text: 'It tells which program holds an address that the server would listen at', source },
} as const;
