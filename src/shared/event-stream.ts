import { EventStreamCodec, type MessageHeaders } from '@smithy/core/event-streams';

/** The content type of AWS's binary event streams. */
export const eventStreamType = 'application/vnd.amazon.eventstream';

/** One frame of a stream: an event by its member's name in the model, or the exception that ends the stream (contract 1.3). */
export interface StreamMessage {
  readonly kind: 'event' | 'exception';
  readonly type: string;
  /** Of its JSON. */
  readonly content: unknown;
}

export function encodeEvent(type: string, content: object): Uint8Array {
  return encode({ ':message-type': 'event', ':event-type': type }, content);
}

/** Clients throw the typed error. */
export function encodeException(type: string, content: { readonly message: string }): Uint8Array {
  return encode({ ':message-type': 'exception', ':exception-type': type }, content);
}

/** Reads a stream however it is cut into chunks; throws for what is none, and for one that breaks off within a frame. */
export async function* readEventStream(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<StreamMessage> {
  let held: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    held = Buffer.concat([held, chunk]);
    for (;;) {
      const size = held.byteLength < 4 ? undefined : held.readUInt32BE(0);
      if (size !== undefined && (size < smallestFrameBytes || size > largestFrameBytes)) throw malformed();
      if (size === undefined || held.byteLength < size) break;
      yield decode(held.subarray(0, size));
      held = held.subarray(size);
    }
  }
  if (held.byteLength > 0) throw new Error('The event stream broke off.');
}

/** Prelude and checksum. */
const smallestFrameBytes = 16;
/** AWS's own limit of a payload is 24 MB. */
const largestFrameBytes = 25 * 1024 * 1024;

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
  (text) => Buffer.from(text, 'utf8'),
);

function encode(headers: Readonly<Record<string, string>>, content: object): Uint8Array {
  const all = Object.entries({ ...headers, ':content-type': 'application/json' });
  return codec.encode({
    headers: Object.fromEntries(all.map(([name, value]) => [name, { type: 'string', value }])),
    body: Buffer.from(JSON.stringify(content)),
  });
}

function decode(frame: Uint8Array): StreamMessage {
  try {
    const { headers, body } = codec.decode(frame);
    const kind = textOf(headers, ':message-type');
    if (kind === 'event' || kind === 'exception') {
      const content: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
      return { kind, type: textOf(headers, `:${kind}-type`), content };
    }
  } catch (error) {
    throw malformed(error);
  }
  throw malformed();
}

function textOf(headers: MessageHeaders, name: string): string {
  const header = headers[name];
  if (header?.type !== 'string') throw malformed();
  return header.value;
}

function malformed(cause?: unknown): Error {
  return new Error('What was received is no event stream.', { cause });
}
