/** Promises that no test cites yet. A promise that gets its test must leave this list. */
export const uncited: readonly string[] = ['sandboxes:cpu-limit'];
