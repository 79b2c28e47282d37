import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { AccessContext } from '../../auth/access-context.ts';
import { DistributionError } from '../../images/repositories/distribution-error.ts';
import { inBatches } from '../../images/batches.ts';
import type { RegistryAccess } from './registry-login.ts';

/** One authenticated request to a path of a repository. */
export interface RegistryRequest {
  readonly method: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  /** Leaves the connection open when it is not read to its end, so that an error can still be answered. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly access: RegistryAccess;
  readonly context: AccessContext;
}

export function bodyOf(request: IncomingMessage): AsyncIterable<Uint8Array> {
  return { [Symbol.asyncIterator]: () => request.iterator({ destroyOnReturn: false }) };
}

/** The whole body, of at most `maxBytes`. */
export async function readWhole(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of inBatches(body, 64 * 1024)) {
    length += chunk.byteLength;
    if (length > maxBytes) {
      throw new DistributionError(
        'quota-exceeded',
        'SIZE_INVALID',
        `The body is longer than ${maxBytes} bytes, the most this request takes.`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** True on loopback and over TLS: nobody else reads what is sent. */
export function isPrivateConnection({ socket }: IncomingMessage): boolean {
  const { encrypted } = socket as Partial<TLSSocket>;
  const address = socket.remoteAddress ?? '';
  return encrypted === true || address === '::1' || /^(?:::ffff:)?127\./.test(address);
}
