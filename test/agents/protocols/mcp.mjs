import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  isInitializeRequest,
} from '@modelcontextprotocol/sdk/types.js';
import express from 'express';
import { z } from 'zod';

/** Tells sandboxes apart. */
const sandbox = randomUUID();

/** On port 8000; STATEFUL=1 makes it keep MCP sessions, under ids of its own. */
export function serve() {
  const app = express().use(express.json({ limit: '100mb' }));
  if (process.env['STATEFUL'] === '1') serveStateful(app);
  else serveStateless(app);
  app.listen(8000, '0.0.0.0');
}

function serveStateless(app) {
  app.post('/mcp', async (request, response) => {
    const server = newServer(request);
    const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
    response.on('close', () => server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response, request.body);
  });
  app.all('/mcp', (_request, response) => response.status(405).set('allow', 'POST').end());
}

/** As the SDK's own example does it: an unknown id is refused, whatever the request. */
function serveStateful(app) {
  const transports = new Map();
  app.all('/mcp', async (request, response) => {
    const id = request.get('mcp-session-id');
    let transport = id === undefined ? undefined : transports.get(id);
    if (transport === undefined) {
      if (id !== undefined || !isInitializeRequest(request.body)) {
        const error = { code: -32000, message: 'Session not found' };
        response.status(id === undefined ? 400 : 404).json({ jsonrpc: '2.0', id: null, error });
        return;
      }
      transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: randomUUID,
        onsessioninitialized: (newId) => transports.set(newId, transport),
        onsessionclosed: (oldId) => transports.delete(oldId),
      });
      await newServer(request).connect(transport);
    }
    await transport.handleRequest(request, response, request.body);
  });
}

/** Tools named test_* are those that the MCP conformance suite calls. */
function newServer() {
  let count = 0;
  const server = new McpServer({ name: 'protocols', version: '1.0.0' }, { capabilities: { logging: {} } });
  const text = (value) => ({ content: [{ type: 'text', text: String(value) }] });
  const log = (data, extra) =>
    extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data } });
  server.registerTool('add_numbers', { inputSchema: { a: z.number(), b: z.number() } }, ({ a, b }) =>
    text(a + b),
  );
  server.registerTool('sandbox', {}, () => text(sandbox));
  server.registerTool('address', {}, () =>
    text(
      Object.values(networkInterfaces())
        .flat()
        .find(({ internal }) => !internal).address,
    ),
  );
  server.registerTool('headers', {}, ({ requestInfo }) => text(JSON.stringify(requestInfo.headers)));
  server.registerTool('count', {}, () => text((count += 1)));
  server.registerTool('announce', {}, async () => {
    await server.server.sendLoggingMessage({ level: 'info', data: 'out of band' });
    return text('announced');
  });
  server.registerTool('test_simple_text', {}, () => text('This is a simple text response for testing.'));
  server.registerTool('test_error_handling', {}, () => {
    throw new Error('This tool intentionally returns an error for testing');
  });
  server.registerTool('test_tool_with_logging', {}, async (extra) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed'])
      await log(data, extra);
    return text('logged');
  });
  server.registerTool('test_tool_with_progress', {}, async ({ _meta, sendNotification }) => {
    for (const progress of [0, 50, 100]) {
      const params = { progressToken: _meta?.progressToken ?? 0, progress, total: 100 };
      await sendNotification({ method: 'notifications/progress', params });
    }
    return text('done');
  });
  server.registerTool(
    'test_elicitation',
    { inputSchema: { message: z.string() } },
    async ({ message }, { sendRequest }) => {
      const properties = { username: { type: 'string' }, email: { type: 'string' } };
      const requestedSchema = { type: 'object', properties, required: ['username', 'email'] };
      const answer = await sendRequest(
        { method: 'elicitation/create', params: { message, requestedSchema } },
        ElicitResultSchema,
      );
      return text(`User response: ${JSON.stringify(answer)}`);
    },
  );
  server.registerTool(
    'test_sampling',
    { inputSchema: { prompt: z.string() } },
    async ({ prompt }, { sendRequest }) => {
      const messages = [{ role: 'user', content: { type: 'text', text: prompt } }];
      const params = { messages, maxTokens: 100 };
      const answer = await sendRequest(
        { method: 'sampling/createMessage', params },
        CreateMessageResultSchema,
      );
      return text(`LLM response: ${answer.content.text}`);
    },
  );
  return server;
}
