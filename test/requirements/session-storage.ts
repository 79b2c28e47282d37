/** Files of a session that outlive its sandbox: issue "sandbox engine", Disk; contract 2.1 and quotas of 5. */
export const sessionStorage = {
  'session-storage:comes-back': {
    text: 'Files below the mount path of sessionStorage outlive the sandbox and come back to the same runtime and session id, and to no other',
    source: 'issue sandbox engine, Disk / AWS: persistent file systems',
  },
  'session-storage:resets': {
    text: "A session that starts on another version of its runtime, or BERTH_SESSION_STORAGE_KEEP (14 days) after the storage's last use, begins with empty storage",
    source: 'AWS: persistent file systems',
  },
  'session-storage:deleted': {
    text: 'Storage is deleted with its runtime or version, and once it was not used for too long',
    source: 'issue sandbox engine, Disk',
  },
  'session-storage:limit': {
    text: 'Storage has a fixed size (1 GB); a full one is a full disk to its agent only',
    source: 'issue sandbox engine, Disk / AWS: quotas',
  },
  'session-storage:owner': {
    text: "The image's user can write to the storage, which begins empty and has neither devices nor set-user-id",
    source: 'issue sandbox engine, Disk',
  },
  'session-storage:once': {
    text: 'A volume is mounted into one sandbox at a time; a second start is refused until the first is gone from the kernel',
    source: 'issue sandbox engine, Disk',
  },
  'session-storage:crash': {
    text: 'What was synced survives kill -9 of server and sandbox; a sandbox that outlived its server keeps its storage, and a damaged one is an error, not an empty folder',
    source: 'design 5.2',
  },
  'session-storage:swept': {
    text: 'Volumes that belong to no session and mounts that belong to no sandbox are found and removed',
    source: 'design 5.2',
  },
  'session-storage:full-host': {
    text: 'Storage is kept for its time however full the disk of the host is: new storage is refused instead, with an error that says so, a session that goes on filling its own is ended, and the log and berth top say what storage takes',
    source: 'AWS: persistent file systems (14 days) / issue sandbox engine, Disk',
  },
  'session-storage:shown': {
    text: "Operators see each session's storage: what it takes, when it was used last, how long it is kept",
    source: 'issue sandbox engine, Disk',
  },
  'session-storage:refused': {
    text: 'File systems of AWS (s3FilesAccessPoint, efsAccessPoint, capacityProviderVolume), a second storage, and paths that are no folder directly below /mnt are refused by name',
    source: 'contract 2.1',
  },
} as const;
