import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { InvokeAgentRuntimeCommand, StopRuntimeSessionCommand } from '@aws-sdk/client-bedrock-agentcore';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  LoggingMessageNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { signedFetch } from '../fixture/signed-fetch.ts';
import { SigningForwarder } from '../fixture/signing-forwarder.ts';
import { verifies } from '../requirements.ts';

const run = promisify(execFile);
const protocolConfiguration = { serverProtocol: 'MCP' } as const;

describe('MCP servers in sandboxes, and the clients of the field', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  const servers: Record<string, DeployedRuntime> = {};

  before(async () => {
    [berth] = await Promise.all([BerthFixture.start(), installPythonClients()]);
    for (const [name, layout, stateful] of [
      ['node_stateless', 'protocols', '0'],
      ['node_stateful', 'protocols', '1'],
      ['python_stateless', 'mcp-python', '0'],
      ['python_stateful', 'mcp-python', '1'],
    ] as const) {
      const environmentVariables = { PROTOCOL: 'MCP', STATEFUL: stateful };
      servers[name] = await berth.deploy(layout, name, { environmentVariables, protocolConfiguration });
    }
  });

  after(() => berth.destroy());

  const arnOf = (name: string) => servers[name]?.arn ?? assert.fail(`${name} is not deployed`);
  const urlOf = (name: string) =>
    new URL(`${berth.server.url}/runtimes/${encodeURIComponent(arnOf(name))}/invocations?qualifier=DEFAULT`);

  async function connect(name: string, { sessionId }: { sessionId?: string } = {}) {
    const client = new Client(
      { name: 'test', version: '1' },
      { capabilities: { sampling: {}, elicitation: {} } },
    );
    const transport = new StreamableHTTPClientTransport(urlOf(name), {
      fetch: signedFetch(berth.server),
      ...(sessionId !== undefined && { requestInit: { headers: { 'mcp-session-id': sessionId } } }),
    });
    await client.connect(transport);
    const call = async (tool: string, args: Record<string, unknown> = {}) => {
      const { content, isError } = await client.callTool({ name: tool, arguments: args });
      return { text: (content as { text: string }[])[0]?.text, isError };
    };
    return { client, transport, call };
  }

  for (const name of ['node_stateless', 'node_stateful', 'python_stateless', 'python_stateful']) {
    it(`the TypeScript client works with ${name}`, async () => {
      verifies('mcp:real-clients');
      const { client, transport, call } = await connect(name);
      assert.equal((await call('add_numbers', { a: 5, b: 3 })).text, '8');
      const { tools } = await client.listTools();
      assert.ok(tools.some(({ name: tool }) => tool === 'add_numbers'));
      assert.ok(transport.sessionId !== undefined);
      if (name.endsWith('stateful')) await transport.terminateSession();
      await client.close();
    });
  }

  it('a stateful server keeps its session, and tells, asks and samples through it', async () => {
    verifies('mcp:real-clients', 'mcp:same-sandbox');
    const { client, call } = await connect('node_stateful');
    assert.equal((await call('count')).text, '1');
    assert.equal((await call('count')).text, '2');
    const announced = Promise.withResolvers<unknown>();
    client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) =>
      announced.resolve(params.data),
    );
    await call('announce');
    assert.equal(await announced.promise, 'out of band');

    const steps: number[] = [];
    await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, undefined, {
      onprogress: ({ progress }) => void steps.push(progress),
    });
    assert.deepEqual(steps, [0, 50, 100]);

    client.setRequestHandler(ElicitRequestSchema, () => ({
      action: 'accept',
      content: { username: 'jane', email: 'jane@example.org' },
    }));
    client.setRequestHandler(CreateMessageRequestSchema, () => ({
      role: 'assistant',
      model: 'none',
      content: { type: 'text', text: 'hello' },
    }));
    assert.match((await call('test_elicitation', { message: 'Who?' })).text ?? '', /jane@example.org/);
    assert.equal((await call('test_sampling', { prompt: 'Say hello' })).text, 'LLM response: hello');
    assert.equal((await call('test_error_handling')).isError, true);
    await client.close();
  });

  it('sandboxes are apart, and the session goes on after kill -9 of the server', async () => {
    verifies('mcp:same-sandbox');
    const [one, other] = [await connect('node_stateful'), await connect('node_stateful')];
    const sandbox = (await one.call('sandbox')).text;
    assert.notEqual((await other.call('sandbox')).text, sandbox);
    await one.call('count');
    await berth.process.kill();
    await berth.process.start();
    assert.equal((await one.call('sandbox')).text, sandbox);
    assert.equal((await one.call('count')).text, '2');
    await Promise.all([one.client.close(), other.client.close()]);
  });

  it('as in the workshop: an id of the client on initialize, stopped by that id', async () => {
    verifies('mcp:own-id', 'mcp:stop', 'mcp:methods');
    for (const name of ['python_stateless', 'python_stateful']) {
      const sessionId = randomUUID();
      const { client, transport, call } = await connect(name, { sessionId });
      assert.equal((await call('greet_user', { name: 'Alice' })).text, 'Hello, Alice! Nice to meet you.');
      const stopped = await berth.data.send(
        new StopRuntimeSessionCommand({ agentRuntimeArn: arnOf(name), runtimeSessionId: sessionId }),
      );
      assert.equal(stopped.runtimeSessionId, sessionId);
      await assert.rejects(transport.terminateSession(), /404|terminate/i);
      await client.close();
    }
  });

  it('the AWS SDK invokes a server with mcpSessionId', async () => {
    verifies('mcp:routing-header', 'mcp:revisions');
    const send = (message: object, mcpSessionId?: string) =>
      berth.data.send(
        new InvokeAgentRuntimeCommand({
          agentRuntimeArn: arnOf('node_stateful'),
          payload: Buffer.from(JSON.stringify({ jsonrpc: '2.0', ...message })),
          contentType: 'application/json',
          accept: 'application/json, text/event-stream',
          ...(mcpSessionId !== undefined && { mcpSessionId, mcpProtocolVersion: '2025-03-26' }),
        }),
      );
    const clientInfo = { name: 'aws', version: '1' };
    const params = { protocolVersion: '2025-03-26', capabilities: {}, clientInfo };
    const { mcpSessionId, response } = await send({ id: 1, method: 'initialize', params });
    assert.match((await response?.transformToString()) ?? '', /"protocolVersion":"2025-03-26"/);
    assert.equal((await send({ method: 'notifications/initialized' }, mcpSessionId)).statusCode, 202);
    const listed = await send({ id: 2, method: 'tools/list' }, mcpSessionId);
    assert.match((await listed.response?.transformToString()) ?? '', /add_numbers/);
    const unknown = await send({ id: 3, method: 'tools/list' }, randomUUID()).catch(
      (error: unknown) => error,
    );
    assert.equal((unknown as { $metadata: { httpStatusCode: number } }).$metadata.httpStatusCode, 404);
  });

  it('the Python client works with all of them', async () => {
    verifies('mcp:real-clients');
    const urls = Object.keys(servers).map((name) => urlOf(name).href);
    const { stdout } = await run(
      join(pythonClients, 'bin/python'),
      [join(repository, 'test/e2e/mcp-story.py'), ...urls],
      { env: { ...process.env, ...credentials() } },
    );
    assert.equal(stdout.trim().split('\n').at(-1), `${urls.length} servers: 8`);
  });

  it('a server of the revision 2026-07-28 is found and called, in a session that its client names', async () => {
    verifies('mcp:revisions');
    const { arn } = await berth.deploy('mcp-modern', 'modern', { protocolConfiguration });
    const url = `${berth.server.url}/runtimes/${encodeURIComponent(arn)}/invocations?qualifier=DEFAULT`;
    const { stdout } = await run(
      join(pythonClients, 'bin/python'),
      [join(repository, 'test/e2e/mcp-modern-story.py'), url],
      { env: { ...process.env, ...credentials() } },
    );
    assert.equal(stdout, 'sandboxes of one named session: 1\nsandboxes of two requests that name none: 2\n');
  });

  it('the conformance suite finds a server through Berth as it finds it directly', async () => {
    verifies('mcp:conformance');
    const { client, call } = await connect('node_stateful');
    const address = (await call('address')).text;
    await using forwarder = await SigningForwarder.open(berth.server, urlOf('node_stateful').href);
    const direct = await conformanceOf(`http://${address}:8000/mcp`);
    const through = await conformanceOf(forwarder.url);
    assert.ok(direct.filter((line) => line.startsWith('✓')).length >= 8, direct.join('\n'));
    assert.deepEqual(through, direct);
    await client.close();
  });

  function credentials(): Record<string, string> {
    const { region, accessKeyId, secretAccessKey } = berth.server;
    return {
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
  }
});

/** A line for each scenario of the suite, with what came of it; the one for servers on localhost is not for hosted ones. */
async function conformanceOf(url: string): Promise<string[]> {
  const suite = fileURLToPath(import.meta.resolve('@modelcontextprotocol/conformance/dist/index.js'));
  const { stdout } = await run(process.execPath, [suite, 'server', '--url', url], {
    maxBuffer: 64 << 20,
  }).catch((error: { stdout: string }) => error);
  const summary = stdout.slice(stdout.lastIndexOf('SUMMARY'));
  return summary.split('\n').filter((line) => /^[✓✗]/.test(line) && !line.includes('dns-rebinding'));
}
