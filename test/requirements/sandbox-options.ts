/** What an operator sets of one runtime's sandboxes: issue "sandbox engine", Size and Isolation by name. */
export const sandboxOptions = {
  'sandbox-options:tags': {
    text: "Options of a runtime's sandboxes are tags that begin with berth:, so that any AWS client sets, reads and removes them",
    source: 'issue sandbox engine, Size',
  },
  'sandbox-options:checked': {
    text: 'An option that is unknown, has a value it cannot have, or cannot be met by the engine is refused with a ValidationException, and so is the removal of one that another needs',
    source: 'issue sandbox engine, Isolation by name',
  },
  'sandbox-options:at-once': {
    text: 'A changed option counts for the next sandbox that starts, without a new version',
    source: 'issue sandbox engine, Size',
  },
  'sandbox-options:size': {
    text: "CPU, memory, pids and disk are a runtime's own when its options say so, and the server's (AWS's fixed size) otherwise",
    source: 'issue sandbox engine, Size',
  },
  'sandbox-options:isolation': {
    text: 'The isolation is chosen by name, per server and per runtime',
    source: 'issue sandbox engine, Isolation by name',
  },
  'sandbox-options:cli': {
    text: "berth runtimes options shows and changes a runtime's options; berth deploy --option sets them",
    source: 'issue sandbox engine, Size',
  },
  'sandbox-options:page': {
    text: 'docs/sandbox-options.md lists every option with its meaning and what it may be',
    source: 'issue sandbox engine, Isolation by name ("a documented setting")',
  },
} as const;
