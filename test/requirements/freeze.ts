/** Idle sandboxes that are frozen: issue "sandbox engine", Freeze. */
export const freeze = {
  'freeze:option': {
    text: "Off by default; with a runtime's berth:freeze-after an idle sandbox is frozen well before its idle limit",
    source: 'issue sandbox engine, Freeze',
  },
  'freeze:wake': {
    text: 'A call wakes a frozen sandbox before anything is sent to it; calls at the same time share one thaw',
    source: 'issue sandbox engine, Freeze ("woken by the next byte on the data path")',
  },
  'freeze:in-use': {
    text: 'No sandbox is frozen with a request in flight, a connection open, a program running beside its agent, or an agent that says HealthyBusy',
    source: 'issue sandbox engine, Freeze',
  },
  'freeze:ping': {
    text: '/ping of a frozen sandbox is answered from what is known: its idle clock goes on, and it does not become unhealthy',
    source: 'issue sandbox engine, Freeze',
  },
  'freeze:driver': {
    text: 'A frozen sandbox takes no processor time, and goes on with its memory and its requests when it is thawed',
    source: 'issue sandbox engine, Freeze',
  },
  'freeze:adoption': {
    text: 'A server that takes over knows which sandboxes are frozen',
    source: 'issue sandbox engine, Freeze; design.md 5.2',
  },
  'freeze:end': {
    text: 'Idle limit, maximum life and stop end a frozen sandbox like the others: its agent gets SIGTERM and its grace',
    source: 'issue sandbox engine, Freeze; contract 4.5',
  },
  'freeze:reclaim': {
    text: 'Memory of a frozen sandbox is taken back where the machine has swap or zram, and only there',
    source: 'issue sandbox engine, Freeze; engine.md, Freezing',
  },
} as const;
