/** WebSocket connections to agents: issue "the whole data plane", WebSocket. */
export const websockets = {
  'websocket:refusals': {
    text: 'A request for a WebSocket that is not proven, not allowed, malformed or beyond the rate is refused before the upgrade with an ordinary AWS error, and starts nothing',
    source: 'issue data plane, WebSocket / contract 1.4, 1.5',
  },
  'websocket:untouched': {
    text: 'Frames pass both ways as they came: text, binary, fragments, pings and pongs, compressed ones when caller and agent agree on it',
    source: 'issue data plane, WebSocket',
  },
  'websocket:handshake': {
    text: 'The agent gets the handshake of its caller at /ws with the headers of an invocation, and those that came in the query; the caller gets session and request id',
    source: 'contract 1.4, 4.1, 4.2',
  },
  'websocket:bearer': {
    text: 'A bearer token comes in the Authorization header or in the sub-protocol pair, which is answered by its name and reaches the agent at most as the header it asked for',
    source: 'contract 1.4',
  },
  'websocket:agent-refuses': {
    text: 'An agent that does not take the WebSocket is 424 RuntimeClientError before the upgrade',
    source: 'contract 1.5, 4.5',
  },
  'websocket:protocols': {
    text: 'Agents of the protocols HTTP and AGUI have a WebSocket; for MCP and A2A the request is refused and starts nothing',
    source: 'contract 4.1',
  },
  'websocket:back-pressure': {
    text: 'Each side is read no faster than the other one takes it, with bounded buffers',
    source: 'issue data plane, WebSocket',
  },
  'websocket:frame-size': {
    text: 'A frame of more than 64 KB, in either direction, closes the connection with 1009',
    source: 'contract 1.5',
  },
  'websocket:frame-rate': {
    text: 'More than 250 frames per second in one direction close the connection with 1008',
    source: 'contract 1.5',
  },
  'websocket:duration': {
    text: 'A connection is closed with 1008 after 60 minutes',
    source: 'contract 1.5',
  },
  'websocket:masking': {
    text: 'An unmasked frame of a caller closes the connection with 1002, a masked one of an agent with 1011',
    source: 'RFC 6455, 5.1',
  },
  'websocket:activity': {
    text: 'Any message or ping counts as activity of the session, which is not idle while a connection is open',
    source: 'contract 1.5',
  },
  'websocket:close': {
    text: 'Close codes and reasons pass both ways; the closing handshake has ten seconds',
    source: 'contract 1.5 / RFC 6455, 7',
  },
  'websocket:vanished': {
    text: 'An agent or sandbox that goes away closes the connection with 1011; a caller that does, with 1001 for the agent',
    source: 'contract 1.5',
  },
  'websocket:drain': {
    text: 'A server that closes tells its WebSockets so with 1001',
    source: 'contract 1.5',
  },
  'websocket:fuzz': {
    text: 'Nothing that arrives in a WebSocket makes the server fail or pass on other bytes than came',
    source: 'issue data plane, done when 4',
  },
  'websocket:events': {
    text: 'The end of each connection is logged with its bytes, duration and close code, and counted',
    source: 'issue data plane, telemetry',
  },
  'websocket:clients': {
    text: 'ws, Python websockets and the AgentCore SDK for Python connect to agents on the real engine, with signed headers and presigned URLs, with and without the port in Host',
    source: 'issue data plane, done when 1 / client notes 7',
  },
} as const;
