import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request as plainRequest } from 'node:http';
import { Agent, request } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { verifies } from '../../test/requirements.ts';
import { systemRandom } from '../shared/ids.ts';
import { makePair } from '../tls/testing/tls-fixture.ts';
import { HttpListener, type ListenerTls } from './http-listener.ts';

/** Certificates that a test can change. */
class ChangingTls implements ListenerTls {
  fallback = pairOf('127.0.0.1');
  readonly byName: Record<string, ReturnType<typeof pairOf>> = {};
  #listener = () => {};

  contextFor(name: string) {
    return createSecureContext(this.byName[name] ?? this.fallback);
  }

  onChange(listener: () => void) {
    this.#listener = listener;
  }

  change(fallback: ReturnType<typeof pairOf>) {
    this.fallback = fallback;
    this.#listener();
  }
}

function pairOf(name: string) {
  const { certificate, key } = makePair([name]);
  return { cert: certificate, key };
}

async function open() {
  const failures: unknown[] = [];
  const tls = new ChangingTls();
  const listener = new HttpListener({
    handle: (incoming, response) => response.end(`you asked ${incoming.headers.host} for ${incoming.url}`),
    tls,
    drainLimitMs: 60_000,
    failures: { unexpected: (failure) => failures.push(failure) },
    clock: new FakeClock(),
    random: systemRandom,
  });
  await listener.listen('127.0.0.1', 0);
  const { port } = listener.server.address() as AddressInfo;
  return {
    tls,
    listener,
    port,
    /** The answer, and the names in the certificate that was shown; an empty `servername` names nobody. */
    async call(servername: string, agent?: Agent): Promise<{ body: string; shown: string | undefined }> {
      const sent = request({
        host: '127.0.0.1',
        port,
        servername,
        rejectUnauthorized: false,
        path: '/ping',
        headers: { host: 'aws.example' },
        ...(agent !== undefined && { agent }),
      });
      sent.end();
      const [response] = (await once(sent, 'response')) as [NodeJS.ReadableStream & { socket: TLSSocket }];
      const shown = response.socket.getPeerCertificate().subjectaltname;
      return { body: await text(response), shown };
    },
    [Symbol.asyncDispose]: async () => {
      await listener.drain();
      assert.deepEqual(failures, []);
    },
  };
}

describe('a listener with TLS', () => {
  it('serves requests with the certificate of the name that was asked for', async () => {
    verifies('tls:listener');
    await using subject = await open();
    subject.tls.byName['aws.example'] = pairOf('aws.example');

    const { body, shown } = await subject.call('aws.example');

    assert.equal(body, 'you asked aws.example for /ping');
    assert.equal(shown, 'DNS:aws.example');
    assert.equal((await subject.call('')).shown, 'IP Address:127.0.0.1');
  });

  it('shows other certificates from the next handshake on, while connections go on', async () => {
    verifies('tls:own-certificate', 'tls:renewal');
    await using subject = await open();
    subject.tls.byName['aws.example'] = pairOf('aws.example');
    using agent = keepAlive();
    await subject.call('aws.example', agent.agent);

    subject.tls.byName['aws.example'] = pairOf('renewed.example');
    subject.tls.change(pairOf('127.0.0.2'));

    assert.equal((await subject.call('aws.example', agent.agent)).shown, 'DNS:aws.example');
    assert.equal((await subject.call('aws.example')).shown, 'DNS:renewed.example');
    assert.equal((await subject.call('')).shown, 'IP Address:127.0.0.2');
  });

  it('closes on what speaks no TLS, and goes on serving others', async () => {
    verifies('tls:listener');
    await using subject = await open();
    const plain = plainRequest({ host: '127.0.0.1', port: subject.port });
    plain.end();
    const [error] = (await once(plain, 'error')) as [NodeJS.ErrnoException];
    assert.equal(error.code, 'ECONNRESET');
    const socket = connect(subject.port, '127.0.0.1');
    socket.on('error', () => {}).end(Buffer.alloc(4096, 0x16));
    await once(socket, 'close');

    assert.match((await subject.call('')).body, /you asked/);
  });

  it('refuses a head that is no HTTP, or too large, as the plain one does', async () => {
    verifies('wire:no-http', 'tls:listener');
    await using subject = await open();
    const sent = request({
      host: '127.0.0.1',
      port: subject.port,
      rejectUnauthorized: false,
      headers: { 'x-large': 'x'.repeat(300_000) },
    });
    sent.on('error', () => {}).end();
    const [response] = (await once(sent, 'response')) as [
      NodeJS.ReadableStream & { statusCode: number; headers: Record<string, string> },
    ];
    assert.deepEqual(
      [response.statusCode, response.headers['x-amzn-errortype']],
      [431, 'ValidationException'],
    );
    response.resume();
  });
});

function keepAlive() {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  return { agent, [Symbol.dispose]: () => agent.destroy() };
}
