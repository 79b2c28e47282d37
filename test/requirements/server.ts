/** The server as a process: issue "main path", berth up. */
export const server = {
  'server:drain': {
    text: 'SIGTERM drains: running calls end within their time, their answers are sent to the end, new ones are told that the server is closing, sandboxes go on',
    source: 'issue main path, berth up',
  },
  'server:ready': {
    text: '/readyz says 503 with the reason while the server starts or closes, or its engine or database does not answer',
    source: 'issue main path, berth up',
  },
  'server:disk-full': {
    text: 'While the disk of the database is full its transactions fail as a whole and say why; they work again when there is room',
    source: 'design 5',
  },
} as const;
