/** Sandboxes that are started ahead of time: issue "sandbox engine", Warm pool. */
export const warmPool = {
  'warm-pool:never-shared': {
    text: "A pooled sandbox becomes one session's in one write to the database: never that of two, whatever dies in between",
    source: 'issue sandbox engine, Warm pool ("never shared nor reused"); design.md 5.2',
  },
  'warm-pool:options': {
    text: 'Per served version, by options of its runtime: sandboxes ready ahead of time, none by default, at most so many, or as many as recent demand says',
    source: 'issue sandbox engine, Warm pool',
  },
  'warm-pool:claim': {
    text: 'A new session gets a pooled sandbox when one is ready, and the pool is filled again; its maximum life counts from then',
    source: 'issue sandbox engine, Warm pool',
  },
  'warm-pool:no-stampede': {
    text: 'Pools are filled one sandbox of a version after the other, behind all starts that somebody waits for; a start that fails is tried again later and later, and the reason is shown',
    source: 'issue sandbox engine, Warm pool ("refill that cannot stampede")',
  },
  'warm-pool:proven': {
    text: 'Only a sandbox whose agent is known to be well is claimed; one that died, became unhealthy or too old is ended and replaced',
    source: 'issue sandbox engine, Warm pool ("readiness proven before a claim, dead entries evicted")',
  },
  'warm-pool:drained': {
    text: 'Pooled sandboxes of a version that is not served any more, or made by other options, are ended; so are those of a deleted runtime',
    source: 'issue sandbox engine, Warm pool ("drained on version change")',
  },
  'warm-pool:not-reused': {
    text: 'A sandbox that had a session is never pooled again',
    source: 'issue sandbox engine, Warm pool ("nor reused after a session")',
  },
  'warm-pool:frozen': {
    text: 'Pooled sandboxes may be held frozen; a claim wakes one, and it must answer before it is used',
    source: 'issue sandbox engine, Warm pool ("Pooled members may be held frozen")',
  },
  'warm-pool:adoption': {
    text: 'After kill -9 pooled sandboxes are in the pool again, and none is left over',
    source: 'design.md 5.2',
  },
  'warm-pool:handover': {
    text: 'After a handover that failed pooled sandboxes that are still wanted are in the pool again, what another server made a session of is that, and the rest is swept; what the engine does not tell at once is asked again',
    source: 'docs/restart.md, an upgrade that fails',
  },
  'warm-pool:gives-way': {
    text: 'Pooled sandboxes go first: when memory, disk or the number of sandboxes is short, before any session',
    source: 'issue sandbox engine, Warm pool',
  },
} as const;
