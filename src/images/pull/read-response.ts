import { BerthError, messageOf } from '../../shared/errors.ts';
import type { RegistryResponse } from './registry-transport.ts';

/** A whole answer of at most `maxBytes`. Rejects with `validation` when longer, `unavailable` when it breaks off. */
export async function readResponse(response: RegistryResponse, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of response.body) {
      chunks.push(chunk);
      length += chunk.byteLength;
      if (length > maxBytes) break;
    }
  } catch (error) {
    throw new BerthError('unavailable', `The registry's answer broke off: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  if (length > maxBytes) {
    throw new BerthError(
      'validation',
      `The registry's answer is longer than ${maxBytes} bytes, the most Berth takes here.`,
    );
  }
  return Buffer.concat(chunks);
}
