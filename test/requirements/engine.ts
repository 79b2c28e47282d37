/** The engine's own programs: issue "sandbox engine", Engine packages. */
export const engine = {
  'engine:found-first': {
    text: "The engine's programs of npm packages, or built in the clone, are found before the system's; a setting takes those of a folder or of the system",
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:contract': {
    text: "The driver keeps its contract on the containerd of the packages (2.4) and on the system's (1.6; 1.7 has the same API)",
    source: 'issue sandbox engine, Engine packages, done when 2',
  },
  'engine:described': {
    text: 'The description of the engine says which containerd, runc, init and snapshotter of lazy images are used, of which version and from where',
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:replaced': {
    text: 'A containerd that a former server left is replaced by the programs found now when it has no sandboxes, and goes on as it is when it has; so is the snapshotter of lazy images, by its mounts',
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:no-step-back': {
    text: 'A containerd that is older than the one under which sandboxes were started is refused with a clear error, and they go on',
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:pinned': {
    text: 'The engine is built from pinned Go modules whose sums are verified before anything is compiled; versions and hashes are in one file',
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:reproducible': {
    text: 'Building the engine again, elsewhere and from scratch, gives the bytes whose hashes are recorded; other bytes are refused, and another builder of the C parts is named',
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:packages': {
    text: 'The engine is packed for npm, for x64 and arm64, gVisor in a package of its own, with the licence of every component and a bill of materials',
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:init': {
    text: 'The init ends as its program ends, hands signals on, reaps orphans, and says what it cannot run',
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:packed': {
    text: 'The packed berth takes the engine of its processor as an optional dependency and runs on it',
    source: 'issue sandbox engine, Engine packages',
  },
  'engine:bare-machine': {
    text: "On a machine without any container package, the packed berth and the engine packages run the quickstart's story",
    source: 'issue sandbox engine, done when 5',
  },
} as const;
