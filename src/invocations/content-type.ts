import { once } from 'node:events';
import type { Readable } from 'node:stream';

const json = 'application/json';
const binary = 'application/octet-stream';
/** What begins a JSON value: object, array, text, number, true, false, null. */
const jsonStart = /[{["\-0-9tfn]/;
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);
/**
 * The Content-Type for the agent: many agents refuse what boto3 (none) and the JavaScript SDK (octet-stream) send when their
 * caller names none (labs 4.1). The body stays unread.
 */
export async function contentTypeFor(given: string | undefined, body: Readable): Promise<string> {
  if (given === undefined || given.trim() === '') return json;
  if (given.trim().toLowerCase() !== binary) return given;
  const first = await firstByte(body);
  return first !== undefined && jsonStart.test(String.fromCharCode(first)) ? json : given;
}

/** The first byte that is not blank, of what arrives first. Rejects with what the stream is destroyed with. */
async function firstByte(body: Readable): Promise<number | undefined> {
  for (;;) {
    const chunk: unknown = body.read();
    if (Buffer.isBuffer(chunk)) {
      // At once, before the stream can come to its end without it.
      body.unshift(chunk);
      return chunk.find((byte) => !blanks.has(byte));
    }
    if (body.errored !== null) throw body.errored;
    if (body.destroyed || !(await moreToCome(body))) return undefined;
  }
}

/** False at the end. */
async function moreToCome(body: Readable): Promise<boolean> {
  const over = new AbortController();
  try {
    return await Promise.race([
      once(body, 'readable', { signal: over.signal }).then(
        () => !body.readableEnded && body.readableLength > 0,
      ),
      once(body, 'end', { signal: over.signal }).then(() => false),
      once(body, 'close', { signal: over.signal }).then(() => false),
    ]);
  } finally {
    over.abort();
  }
}
