/** Idle sessions on disk: issue "sandbox engine", Hibernate. */
export const hibernation = {
  'hibernation:option': {
    text: 'berth:hibernate, off by default, says how long idle sessions are kept; it is refused where the isolation that would apply cannot',
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:wakes': {
    text: 'At the idle limit the sandbox goes to disk instead of being ended, and the next call of its id finds its memory and files as they were',
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:one-wake': {
    text: 'However many calls come at once, a hibernated session is woken once; calls that meet a session on its way to disk wait and wake it',
    source: 'design 4, sessions',
  },
  'hibernation:not-busy': {
    text: 'A session that is called at the last moment is not hibernated',
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:life': {
    text: 'Time on disk does not count towards the maximum life, nor towards the idle limit of a session that was woken',
    source: 'decision 21',
  },
  'hibernation:ends': {
    text: "Stopping a hibernated session, deleting its runtime, and the end of berth:hibernate's time remove its memory and files",
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:crash': {
    text: 'A server that is killed at any step of the way to disk or back loses no session and wakes none twice; what the next one cannot find out at once it tries again, and its callers wait',
    source: 'issue sandbox engine, Hibernate / Restart and recovery',
  },
  'hibernation:engine-killed': {
    text: 'A containerd that is killed while it stops a sandbox for the way to disk ends no session and leaves none standing still: what was begun is done, and the next one is asked again',
    source: 'docs/restart.md, containerd killed',
  },
  'hibernation:handover': {
    text: 'After a handover that failed sessions are as the other server left them: those on disk stay there with the time that is left of theirs, and a session that was woken meanwhile is not ended by it',
    source: 'docs/restart.md, an upgrade that fails',
  },
  'hibernation:not-replaced': {
    text: 'No session begins in the place of one whose memory may be on disk, also not while a server cannot find out what there is after a handover that failed: its calls wait, and then reach it',
    source: 'docs/restart.md, an upgrade that fails',
  },
  'hibernation:truthful': {
    text: 'Memory that cannot be brought back ends its session with an error that says so; a fresh sandbox never poses as the old one',
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:try-again': {
    text: 'A wake that fails before anything ran (no memory, no place, caller gone) leaves the session on disk for the next call',
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:falls-back': {
    text: 'A session that cannot be taken to disk ends as an idle one does, and its failure is logged and counted',
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:sealed': {
    text: 'Memory on disk is sealed under a key of its own, in chunks that cannot be changed, moved or cut off, with memory use that does not grow with its size; without its row it cannot be opened',
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:room': {
    text: 'Memory is taken to disk only while the disk keeps its reserve, and to disk or back only while the machine has memory for it twice; several at once do not take the same room. Otherwise the session ends as an idle one, or stays on disk, and its caller may try again (ThrottlingException)',
    source: 'decision 21',
  },
  'hibernation:no-swap': {
    text: 'On its way to disk and back memory is in no swap, also on kernels whose tmpfs can be swapped out',
    source: 'issue sandbox engine, Hibernate; docs/threat-model.md',
  },
  'hibernation:swept': {
    text: 'Memory on disk that no session needs, complete or not, is found and removed',
    source: 'design 5.2',
  },
  'hibernation:disk': {
    text: 'When the host runs out of disk, hibernated sessions are given up first, the oldest first, and ended truthfully',
    source: 'issue sandbox engine, Hibernate',
  },
  'hibernation:quota': {
    text: 'Hibernated sessions are no live ones: they do not count towards the quota, and a wake is refused when it is reached',
    source: 'decision 21',
  },
} as const;
