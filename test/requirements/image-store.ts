/** Conformance of the registry, mirrors, lazy start, other architectures and the image store: issue "sandbox engine". */
export const imageStore = {
  'images:conformance': {
    text: 'The public conformance suite of OCI distribution passes: pull, push, content discovery and content management',
    source: 'issue sandbox engine, Images',
  },
  'images:mount-scope': {
    text: 'A mount whose token covers only one of the two repositories is answered with a challenge for both',
    source: 'OCI distribution 1.1, mounting; distribution token scope',
  },
  'images:mirrors': {
    text: "A registry's mirrors are asked in the order of containerd's hosts.toml, then the registry; a mirror that is away or sends other content is passed over, and each host gets only its own log-in and headers",
    source: 'issue sandbox engine, Images; containerd, docs/hosts.md',
  },
  'images:registry-ca': {
    text: "A registry with a CA of one's own, or that wants a client's certificate, is trusted by the files that Docker and containerd take; nothing turns verification off",
    source: 'issue sandbox engine, Images; Docker, certificates of registries',
  },
  'images:pull-resume': {
    text: 'A download that the end of the server cut off, kill -9 included, is continued by the next server where it stopped, and its digest is verified',
    source: 'issue sandbox engine, Images',
  },
  'images:emulation': {
    text: 'An image that is for another machine only runs where the kernel has an emulator for it that sandboxes can use, with a warning of the cost; where it has none the version fails, and says what to install',
    source: 'issue sandbox engine, Images (other architectures through binfmt)',
  },
  'images:emulation-isolation': {
    text: "Whether an image of another machine may run follows the isolation of the runtime that runs it, not the server's: only the machine's own kernel emulates, and a start that cannot says so",
    source: 'issue sandbox engine, Images (other architectures through binfmt); decision 16',
  },
  'images:lazy': {
    text: 'A sandbox of an eStargz image starts and answers before the image is here: only what is read is fetched, and verified',
    source: 'issue sandbox engine, Images (lazy start)',
  },
  'images:lazy-complete': {
    text: 'An image that started before it was here is brought whole in the background, also after kill -9; later sandboxes then need neither its registry nor the snapshotter',
    source: 'issue sandbox engine, Images (lazy start)',
  },
  'images:lazy-fallback': {
    text: 'Where an image or the engine cannot do so, the image is fetched whole before it starts, as ever',
    source: 'issue sandbox engine, Images (falling back to a full pull)',
  },
  'images:water-marks-unpacked': {
    text: 'After that, what is unpacked of images that no endpoint serves and no sandbox runs is given up, longest unused first; such an image is unpacked again before an endpoint that is pointed at it serves it, or by the first sandbox that starts from it',
    source: 'issue sandbox engine, Disk (image store with high and low water marks)',
  },
  'images:water-marks': {
    text: 'From the high mark of their disk on, what nothing uses is collected before its time, longest unused first, down to the low mark; what is in use, or may be on its way to a version, is never touched; berth status shows it',
    source: 'issue sandbox engine, Disk (image store with high and low water marks)',
  },
} as const;
