/** WebSocket connections to agents: issue "the whole data plane", WebSocket. */
export const websockets = {
  'websocket:refusals': {
    text: 'A request for a WebSocket that is not proven, not allowed, malformed or beyond the rate is refused before the upgrade with an ordinary AWS error, and starts nothing',
    source: 'issue data plane, WebSocket / contract 1.4, 1.5',
  },
} as const;
