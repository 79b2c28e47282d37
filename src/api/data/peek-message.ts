import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { VerifiedBody } from '../verified-body.ts';
import { largestPeekedBytes, type RpcMessage, readRpcMessage, unreadMessage } from './rpc-message.ts';

export type RelayedBody = Pick<VerifiedBody, 'stream' | 'sizeBytes' | 'isSpooled'>;

/** Looks into a JSON-RPC request that is small enough, once its caller is proven. */
export async function peekMessage(body: RelayedBody): Promise<{ message: RpcMessage; body: RelayedBody }> {
  if (body.sizeBytes > largestPeekedBytes) return { message: unreadMessage, body };
  const bytes = await buffer(body.stream);
  const stream = Readable.from([bytes], { objectMode: false });
  return { message: readRpcMessage(bytes), body: { stream, sizeBytes: bytes.length, isSpooled: true } };
}
