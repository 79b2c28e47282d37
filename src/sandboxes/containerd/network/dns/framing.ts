/** DNS over TCP: two bytes of length before each message (RFC 1035, 4.2.2). Ends at the first message over `limit` bytes. */
export async function* readFramed(
  stream: AsyncIterable<unknown>,
  limit: number,
): AsyncGenerator<Buffer, void> {
  let pending = Buffer.alloc(0);
  for await (const chunk of stream) {
    if (!Buffer.isBuffer(chunk)) continue;
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2) {
      const length = pending.readUInt16BE(0);
      if (length > limit) return;
      if (pending.length < 2 + length) break;
      yield pending.subarray(2, 2 + length);
      pending = pending.subarray(2 + length);
    }
  }
}

export function writeFramed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}
