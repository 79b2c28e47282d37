import type { ClientDuplexStream } from '@grpc/grpc-js';
import { unlessNotFound } from './engine-error.ts';
import { type CallOptions, type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';

export interface ContentInfo {
  readonly digest: string;
  readonly size: number;
  readonly labels: Readonly<Record<string, string>>;
}

export interface WriteRequest {
  readonly action: 'STAT' | 'WRITE' | 'COMMIT';
  readonly ref: string;
  readonly offset?: number;
  readonly data?: Uint8Array;
  readonly total?: number;
  readonly expected?: string;
}

export interface WriteResponse {
  readonly action: 'STAT' | 'WRITE' | 'COMMIT';
  readonly offset: number;
}

export type WriteStream = ClientDuplexStream<WriteRequest, WriteResponse>;

/** Content by digest. */
export interface ContentApi {
  find(digest: string): Promise<ContentInfo | undefined>;
  /** Sets labels, an empty value removes one; others stay. Rejects with `not-found`. */
  setLabels(digest: string, labels: Readonly<Record<string, string>>): Promise<void>;
  /** `length` 0 reads to the end. Rejects with `not-found`, `out-of-range`. */
  read(
    digest: string,
    offset: number,
    length: number,
    options?: CallOptions,
  ): AsyncIterable<{ readonly data: Uint8Array }>;
  /** Holds the lock of the reference named in its first message while it is open. Failures: `streamError`. */
  write(): WriteStream;
  readonly writePath: string;
  /** Idempotent. */
  abort(ref: string): Promise<void>;
}

export function contentApi(connection: GrpcConnection): ContentApi {
  const methods = loadMethods<ContentMethods>('content.proto', 'containerd.services.content.v1.Content');
  return {
    async find(digest) {
      return (await unlessNotFound(connection.callRepeatable(methods.Info, { digest })))?.info;
    },
    async setLabels(digest, labels) {
      const paths = Object.keys(labels).map((label) => `labels.${label}`);
      await connection.callRepeatable(methods.Update, { info: { digest, labels }, updateMask: { paths } });
    },
    read: (digest, offset, length, options) =>
      connection.stream(methods.Read, { digest, offset, size: length }, { timeoutMs: Infinity, ...options }),
    write: () => connection.openDuplex(methods.Write, { timeoutMs: Infinity }),
    writePath: methods.Write.path,
    async abort(ref) {
      await unlessNotFound(connection.callRepeatable(methods.Abort, { ref }));
    },
  };
}

interface ContentMethods {
  readonly Info: Method<{ readonly digest: string }, { readonly info: ContentInfo }>;
  readonly Update: Method<
    {
      readonly info: { readonly digest: string; readonly labels: Readonly<Record<string, string>> };
      readonly updateMask: { readonly paths: readonly string[] };
    },
    unknown
  >;
  readonly Read: Method<
    { readonly digest: string; readonly offset: number; readonly size: number },
    { readonly data: Uint8Array }
  >;
  readonly Write: Method<WriteRequest, WriteResponse>;
  readonly Abort: Method<{ readonly ref: string }, unknown>;
}
