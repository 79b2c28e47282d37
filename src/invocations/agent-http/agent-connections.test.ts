import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { agentPatience } from './agent-connection.ts';
import { AgentConnections } from './agent-connections.ts';
import type { AnswerController, AnswerHandler } from './answer-handler.ts';

/** Keeps what a call is told. */
class Call implements AnswerHandler {
  readonly told: string[] = [];
  readonly over = Promise.withResolvers<void>();
  controller: AnswerController | undefined;
  isPausedAtHead = false;

  onRequestStart(controller: AnswerController): void {
    this.controller = controller;
  }

  onResponseStart(controller: AnswerController, status: number): void {
    this.told.push(String(status));
    if (this.isPausedAtHead) controller.pause();
  }

  onResponseData(_controller: AnswerController, chunk: Buffer): void {
    this.told.push(chunk.toString());
  }

  onResponseEnd(): void {
    this.told.push('end');
    this.over.resolve();
  }

  onResponseError(error: Error): void {
    this.told.push(`error: ${error.message}`);
    this.over.resolve();
  }
}

const ok = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok';

/** An agent that answers each request, known by its empty line, with what `answer` says; it notes its connections and requests. */
async function open(answer: (request: string, socket: Socket) => string | undefined) {
  const sockets: Socket[] = [];
  const requests: string[] = [];
  const server: Server = createServer((socket) => {
    sockets.push(socket);
    socket
      .on('error', () => {})
      .on('data', (bytes) => {
        requests.push(bytes.toString());
        const text = answer(bytes.toString(), socket);
        if (text !== undefined) socket.write(text);
      });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const connections = new AgentConnections({ host: '127.0.0.1', port });
  const send = (body: Readable | null = null, call = new Call()) => {
    connections.dispatch({ method: 'POST', path: '/x', headers: { a: 'b' }, body }, call);
    return call;
  };
  const ask = async (body?: Readable) => {
    const call = send(body);
    await call.over.promise;
    return call.told;
  };
  return {
    sockets,
    requests,
    connections,
    send,
    ask,
    [Symbol.asyncDispose]: async () => {
      connections.destroy(new Error('The test is over.'));
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

describe('connections to an agent', () => {
  it("give it the contract's time, and are given up before any common server closes them", () => {
    verifies('invocations:patience', 'invocations:never-twice');
    assert.equal(agentPatience.headMs, 900_000);
    assert.equal(agentPatience.dataMs, 3_600_000);
    assert.ok(agentPatience.idleMs < 2_000);
  });

  it('carry one request after the other, head and small body in one packet', async () => {
    verifies('invocations:agent-answers');
    await using agent = await open(() => ok);
    assert.deepEqual(await agent.ask(Readable.from([Buffer.from('body')])), ['200', 'ok', 'end']);
    assert.deepEqual(await agent.ask(), ['200', 'ok', 'end']);
    assert.equal(agent.sockets.length, 1);
    assert.match(
      agent.requests[0] ?? '',
      /^POST \/x HTTP\/1\.1\r\nhost: 127\.0\.0\.1:\d+\r\nconnection: keep-alive\r\na: b\r\n\r\nbody$/,
    );
    await Promise.all([agent.ask(), agent.ask()]);
    assert.equal(agent.sockets.length, 2);
  });

  it('are not used again after bytes that nobody asked for, nor when the agent closes', async () => {
    verifies('invocations:agent-answers', 'invocations:never-twice');
    for (const answer of [
      `${ok}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`,
      'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok',
      'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok',
    ]) {
      await using agent = await open(() => answer);
      for (let turn = 0; turn < 2; turn += 1) assert.deepEqual(await agent.ask(), ['200', 'ok', 'end']);
      assert.equal(agent.sockets.length, 2);
    }
    await using late = await open((_request, socket) => {
      setImmediate(() => socket.write('late'));
      return ok;
    });
    await late.ask();
    await once(late.sockets[0] as Socket, 'close');
    assert.deepEqual(await late.ask(), ['200', 'ok', 'end']);
  });

  it('end an answer without a length with the connection, and tell one that broke off', async () => {
    verifies('invocations:agent-answers');
    await using agent = await open((request, socket) => {
      socket.end(
        request.includes('cut')
          ? 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nok'
          : 'HTTP/1.1 200 OK\r\n\r\nok',
      );
      return undefined;
    });
    assert.deepEqual(await agent.ask(), ['200', 'ok', 'end']);
    assert.deepEqual(await agent.ask(Readable.from([Buffer.from('cut')])), [
      '200',
      'ok',
      'error: The agent closed the connection.',
    ]);
  });

  it('hand over nothing while they are paused, not even the end', async () => {
    verifies('invocations:agent-answers');
    await using agent = await open(() => ok);
    const call = new Call();
    call.isPausedAtHead = true;
    agent.send(null, call);
    while (call.told.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(call.told, ['200']);
    call.controller?.resume();
    await call.over.promise;
    assert.deepEqual(call.told, ['200', 'ok', 'end']);
  });

  it('are cut by an abort, a body that fails, and the end of the sandbox', async () => {
    verifies('invocations:agent-answers');
    await using agent = await open(() => undefined);
    const aborted = agent.send();
    aborted.controller?.abort(new Error('Enough.'));
    await aborted.over.promise;
    assert.deepEqual(aborted.told, ['error: Enough.']);

    const body = new Readable({ read() {} });
    const failed = agent.send(body);
    body.destroy(new Error('No more.'));
    await failed.over.promise;
    assert.deepEqual(failed.told, ['error: No more.']);

    const gone = agent.send();
    agent.connections.destroy(new Error('The sandbox is gone.'));
    await gone.over.promise;
    assert.deepEqual([...gone.told, ...(await agent.ask())], Array(2).fill('error: The sandbox is gone.'));
  });
});
