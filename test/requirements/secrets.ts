/** Where secrets may be, and that they are nowhere else. */
export const secrets = {
  'secrets:whole-run': {
    text: 'No secret of a whole run, with its errors and crashes, is in a log, error, page, trace, metric, audit entry, command line, environment or file, but for the places that the documentation has',
    source: 'issue identity, Vault, done when 2 / design 4, secrets are sealed',
  },
  'secrets:core-dumps': {
    text: 'The server, its engine and its commands leave no core dumps, whatever the limits of whoever starts them',
    source: 'issue identity, Vault',
  },
  'secrets:database-mode': {
    text: "Only the server's user can read the database, also in a home folder that others may enter",
    source: 'issue identity, Vault',
  },
} as const;
