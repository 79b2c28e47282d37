/** The same bytes in pieces of about `batchBytes`: blob stores take few large pieces faster than many small ones. */
export async function* inBatches(
  body: AsyncIterable<Uint8Array>,
  batchBytes = 1024 * 1024,
): AsyncIterable<Uint8Array> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of body) {
    pending.push(chunk);
    pendingBytes += chunk.byteLength;
    if (pendingBytes < batchBytes) continue;
    yield Buffer.concat(pending);
    pending = [];
    pendingBytes = 0;
  }
  if (pendingBytes > 0) yield Buffer.concat(pending);
}
