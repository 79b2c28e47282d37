/** Agents that speak more than plain HTTP. */
export const protocols = {
  'mcp:real-clients': {
    text: "The field's own MCP clients work with hosted servers as with local ones: tools, progress, messages of the server's own, elicitation, sampling",
    source: 'issue data plane, MCP servers; labs A2',
  },
  'mcp:handshake': {
    text: 'initialize without an id is forwarded without one; the answer carries the id of the server, or of the platform, once',
    source: 'issue data plane, MCP servers; contract 4.1',
  },
  'mcp:own-id': {
    text: "A client's own id is the session's id, translated for a server that chose another",
    source: 'issue data plane, MCP servers; labs L2',
  },
  'mcp:routing-header': {
    text: 'Where both session headers are present, the MCP one routes',
    source: 'issue data plane, MCP servers; contract 1.7',
  },
  'mcp:same-sandbox': {
    text: 'A later request with the id reaches the same sandbox, also after a restart of the server',
    source: 'labs A2; design 4, sessions',
  },
  'mcp:stop': {
    text: 'StopRuntimeSession takes the id that the client saw',
    source: 'issue data plane, MCP servers; labs L2',
  },
  'mcp:methods': {
    text: "GET streams the server's own messages and DELETE ends an MCP session; both need a session that is live and start nothing",
    source: 'issue data plane, MCP servers; labs A2',
  },
  'mcp:statuses': {
    text: 'A 4xx that MCP clients act upon, and 202 for notifications, pass as they are; other failures are RuntimeClientErrors',
    source: 'issue data plane, MCP servers; contract 1.6',
  },
  'mcp:accept': {
    text: 'A POST must accept JSON and events, a GET events, else 406',
    source: 'issue data plane, MCP servers; contract 1.6',
  },
  'mcp:headers': {
    text: 'Mcp-Protocol-Version, Mcp-Method, Mcp-Name and Last-Event-ID reach the server',
    source: 'issue data plane, MCP servers; contract 1.7',
  },
  'mcp:aliases-are-safe': {
    text: "An agent cannot give its session the name of another one's, and so draw its callers",
    source: 'design 4, sandboxes are untrusted',
  },
  'mcp:revisions': {
    text: 'Protocol revisions from 2025-03-26 to 2026-07-28 work, the last without sessions of its own',
    source: 'issue data plane, MCP servers',
  },
  'mcp:conformance': {
    text: 'The MCP conformance suite finds a hosted server as it finds it directly',
    source: 'issue data plane, Done when 1',
  },
  'a2a:real-clients': {
    text: "The field's own A2A clients find a hosted agent by its card, send and stream",
    source: 'issue data plane, A2A',
  },
  'a2a:card': {
    text: 'GetAgentCard gives the card that the agent serves, with an address that a client can follow',
    source: 'issue data plane, A2A; contract 1.4',
  },
  'agui:real-clients': {
    text: 'The AG-UI client runs a hosted agent and sees its events, or RUN_ERROR',
    source: 'issue data plane, AG-UI',
  },
  'invocations:error-forms': {
    text: "Errors of an invocation have the form, status and code of the agent's protocol, with the id of a JSON-RPC request",
    source: 'contract 1.6, mapping by agent protocol',
  },
  'invocations:methods': {
    text: 'Agents of other protocols than MCP are invoked with POST only',
    source: 'contract 4.1',
  },
} as const;
