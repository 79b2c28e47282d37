import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer, request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, it } from 'node:test';
import { buffer } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { verifies } from '../../test/requirements.ts';
import type { PendingAuthentication } from '../auth/authenticator.ts';
import { BerthError } from '../shared/errors.ts';
import type { AccountId } from '../shared/ids.ts';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { SpoolBudget } from './spool-budget.ts';
import { openVerifiedBody, type VerifiedBody } from './verified-body.ts';

const megabyte = 1_000_000;
const isChunked = { 'transfer-encoding': 'chunked' };

function sha256(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Somebody who signed `body`, naming its hash in the head or not. */
function signer(body: string | Buffer, { isClaimed }: { isClaimed: boolean }): PendingAuthentication {
  const signed = sha256(body);
  const principal = {
    kind: 'access-key',
    accessKeyId: 'AKIATEST',
    role: 'invoker',
    accountId: '111122223333' as AccountId,
    region: 'us-east-1',
  } as const;
  const verifyBody = (hash: string) => {
    if (hash !== signed) throw new BerthError('invalid-signature', 'Another body.');
    return principal;
  };
  return { claimedBodySha256: isClaimed ? signed : undefined, isBodySigned: true, principal, verifyBody };
}

describe('the body of a signed request', () => {
  let folder: string;
  let budget: SpoolBudget;
  let clock: FakeClock;
  const arrivals: ((request: IncomingMessage) => void)[] = [];
  const server = createServer((request, response) => {
    response.on('error', () => {});
    arrivals.shift()?.(request);
  });

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-spool-'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    clock = new FakeClock();
    budget = new SpoolBudget({ totalBytes: 150 * megabyte, perKeyBytes: 120 * megabyte, clock });
  });

  /** A request on its way to the server; what it sends is up to the test. */
  async function arrive(
    headers: Record<string, string | number>,
  ): Promise<{ sending: ClientRequest; request: IncomingMessage }> {
    const { port } = server.address() as AddressInfo;
    const arrived = new Promise<IncomingMessage>((resolve) => arrivals.push(resolve));
    const sending = httpRequest({ host: '127.0.0.1', port, method: 'POST', headers, agent: false });
    sending.on('error', () => {});
    sending.flushHeaders();
    return { sending, request: await arrived };
  }

  function open(
    request: IncomingMessage,
    pending: PendingAuthentication,
    signal = new AbortController().signal,
  ) {
    const spool = { folder: join(folder, 'spool'), budget, memoryBytes: 1_000 };
    return openVerifiedBody({ request, pending, spool, clock, signal });
  }

  async function nothingIsLeft(): Promise<void> {
    assert.equal(budget.heldBytes, 0);
    assert.deepEqual(await readdir(join(folder, 'spool')).catch(() => []), []);
  }

  it('is relayed as it arrives when its hash is signed, the last chunk only once it is verified', async () => {
    verifies('auth:body-held-back');
    const { sending, request } = await arrive({ 'content-length': 9 });
    await using body = await open(request, signer('abcdefghi', { isClaimed: true }));
    assert.deepEqual([body.sizeBytes, body.isSpooled], [9, false]);
    const chunks = body.stream[Symbol.asyncIterator]();
    for (const part of ['abc', 'def']) {
      const arrived = once(request, 'data');
      sending.write(part);
      await arrived;
    }
    assert.equal(String((await chunks.next()).value), 'abc');
    sending.end('ghi');
    assert.equal(String((await chunks.next()).value) + String((await chunks.next()).value), 'defghi');
    assert.equal((await chunks.next()).done, true);
  });

  it('is cut short of its last chunk when the hash is another one, and the caller can still be answered', async () => {
    verifies('auth:body-held-back', 'auth:tampering');
    const { sending, request } = await arrive({ 'content-length': 3 });
    await using body = await open(request, signer('abc', { isClaimed: true }));
    sending.end('abd');
    const seen: Buffer[] = [];
    body.stream.on('data', (chunk: Buffer) => seen.push(chunk));
    const error = await new Promise((resolve) => body.stream.on('error', resolve));
    assert.equal((error as BerthError).code, 'invalid-signature');
    assert.deepEqual(seen, []);
    assert.equal(request.socket.destroyed, false);
  });

  for (const [name, size, declares] of [
    ['a small body without a signed hash', 500, true],
    ['a large body without a signed hash', 3 * megabyte, true],
    ['a large body without Content-Length', 3 * megabyte, false],
    ['no body at all', 0, true],
  ] as const) {
    it(`is stored, verified and then relayed: ${name}`, async () => {
      verifies('auth:body-spooled');
      const content = Buffer.alloc(size, 'berth ');
      const { sending, request } = await arrive(declares ? { 'content-length': size } : isChunked);
      sending.end(content);
      const body = await open(request, signer(content, { isClaimed: !declares }));
      assert.deepEqual([body.sizeBytes, body.isSpooled], [size, true]);
      assert.equal(budget.heldBytes, size);
      assert.deepEqual(await readdir(join(folder, 'spool')).catch(() => []), [], 'no name leads to it');
      assert.ok((await buffer(body.stream)).equals(content));
      await body[Symbol.asyncDispose]();
      await body[Symbol.asyncDispose]();
      await nothingIsLeft();
    });
  }

  it('is refused after storing when it is not the one that was signed', async () => {
    verifies('auth:body-spooled', 'auth:tampering');
    const { sending, request } = await arrive(isChunked);
    sending.end('other'.repeat(1_000));
    await assert.rejects(open(request, signer('signed', { isClaimed: false })), {
      code: 'invalid-signature',
    });
    await nothingIsLeft();
  });

  it('may have 100,000,000 bytes and not one more', async () => {
    verifies('auth:body-limit');
    const largest = Buffer.alloc(100 * megabyte);
    const whole = await arrive(isChunked);
    whole.sending.end(largest);
    const body = await open(whole.request, signer(largest, { isClaimed: false }));
    assert.equal(body.sizeBytes, largest.length);
    await body[Symbol.asyncDispose]();

    const declared = await arrive({ 'content-length': largest.length + 1 });
    await assert.rejects(open(declared.request, signer('', { isClaimed: true })), {
      code: 'validation',
      message: /100000000/,
    });
    const chunked = await arrive(isChunked);
    chunked.sending.write(largest);
    chunked.sending.end('x');
    await assert.rejects(open(chunked.request, signer('', { isClaimed: true })), { code: 'validation' });
    assert.equal(chunked.request.socket.destroyed, false);
    await nothingIsLeft();
  });

  it('is refused while too much is stored, for its key or in all; who sends slowly makes way', async () => {
    verifies('auth:spool-bounds');
    budget = new SpoolBudget({ totalBytes: 1_500_000, perKeyBytes: 1_200_000, clock });
    const anyone = signer('', { isClaimed: false });
    const stranger = { ...anyone, principal: { ...anyone.principal, accessKeyId: 'AKIAOTHER' } };
    const upload = async (bytes: number, pending = anyone) => {
      const { sending, request } = await arrive({ 'content-length': 2 * megabyte });
      const opening = open(request, pending);
      opening.catch(() => {});
      sending.write(Buffer.alloc(bytes));
      return { sending, opening };
    };
    const slow = await upload(800_000);
    while (budget.heldBytes < 800_000) await setImmediate();

    await assert.rejects((await upload(500_000)).opening, { code: 'throttled' });
    await assert.rejects((await upload(800_000, stranger)).opening, { code: 'throttled' });

    await clock.advance(50_000);
    const made = await upload(1_000_000);
    await assert.rejects(slow.opening, { code: 'throttled' });
    made.sending.destroy();
    await assert.rejects(made.opening, { code: 'validation' });
    await nothingIsLeft();
  });

  it('leaves nothing behind when it breaks off, stalls or is given up', async () => {
    verifies('auth:body-broken');
    const broken = await arrive(isChunked);
    const failing = open(broken.request, signer('', { isClaimed: false }));
    broken.sending.write('x'.repeat(2_000));
    broken.sending.destroy();
    await assert.rejects(failing, { code: 'validation', message: /broke off/ });

    const stalled = await arrive(isChunked);
    const stalling = open(stalled.request, signer('', { isClaimed: false }));
    const refused = assert.rejects(stalling, { code: 'validation', message: /60 seconds/ });
    await clock.advance(60_000);
    await refused;

    const givenUp = await arrive(isChunked);
    const giver = new AbortController();
    const giving = open(givenUp.request, signer('', { isClaimed: false }), giver.signal);
    giver.abort(new Error('shutting down'));
    await assert.rejects(giving, /shutting down/);
    await nothingIsLeft();
  });

  it('ends with an error when the caller stalls during the relay, but not while the reader holds it back', async () => {
    verifies('auth:body-broken');
    const slowlyRead = await arrive({ 'content-length': megabyte });
    await using held = await open(slowlyRead.request, signer('x'.repeat(megabyte), { isClaimed: true }));
    slowlyRead.sending.end('x'.repeat(megabyte));
    await once(slowlyRead.request, 'pause');
    await clock.advance(120_000);
    assert.equal((await buffer(held.stream)).byteLength, megabyte);

    const { sending, request } = await arrive({ 'content-length': 10 });
    await using body = await open(request, signer('0123456789', { isClaimed: true }));
    const failed = assert.rejects(buffer(body.stream), { code: 'validation', message: /60 seconds/ });
    const arrived = once(request, 'data');
    sending.write('01234');
    await arrived;
    await clock.advance(60_000);
    await failed;
    assert.equal(request.socket.destroyed, false);
  });

  it('ends with an error when the caller goes away during the relay', async () => {
    verifies('auth:body-broken');
    const { sending, request } = await arrive({ 'content-length': 10 });
    const body: VerifiedBody = await open(request, signer('0123456789', { isClaimed: true }));
    sending.write('01234');
    const failed = assert.rejects(buffer(body.stream), { code: 'validation', message: /broke off/ });
    sending.destroy();
    await failed;
  });
});
