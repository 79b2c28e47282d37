const source = 'issue sandbox engine, Bursts';

/** Many new sessions at once: issue "sandbox engine", Bursts. */
export const bursts = {
  'bursts:adaptive': {
    text: 'As many sandboxes start at once as the machine bears, by how long starts take, and never more than BERTH_STARTS_IN_FLIGHT',
    source,
  },
  'bursts:memory': {
    text: 'What is admitted depends on the memory that is free and what the starts under way are expected to take by measurement, not on limits',
    source,
  },
  'bursts:processes': {
    text: "Nothing is started into the last of the machine's processes",
    source,
  },
  'bursts:fair': {
    text: 'Runtimes have their starts in turn, however many of one wait',
    source,
  },
  'bursts:queue': {
    text: 'The queue has a limit, and beyond it callers get a ThrottlingException with status 429',
    source: 'issue sandbox engine, Bursts; contract 1.6',
  },
  'bursts:all-answer': {
    text: '100 new sessions at once on two processors all answer',
    source: 'issue sandbox engine, Bursts; targets.md',
  },
  'bursts:top': {
    text: 'berth top shows sessions with state, memory and processor time, what is starting, what waits by runtime, and the pools',
    source,
  },
} as const;
