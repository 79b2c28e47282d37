import { type CallOptions, type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';
import type { Mount } from './mount.ts';

export interface LayerDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** Unpacks layers. */
export interface DiffApi {
  /** Decompresses the layer onto the mounts. Resolves to the digest of the uncompressed tar. */
  apply(diff: LayerDescriptor, mounts: readonly Mount[], options?: CallOptions): Promise<string>;
}

export function diffApi(connection: GrpcConnection): DiffApi {
  const methods = loadMethods<DiffMethods>('diff.proto', 'containerd.services.diff.v1.Diff');
  return {
    async apply(diff, mounts, options) {
      const { applied } = await connection.call(methods.Apply, { diff, mounts }, options);
      return applied.digest;
    },
  };
}

interface DiffMethods {
  readonly Apply: Method<
    { readonly diff: LayerDescriptor; readonly mounts: readonly Mount[] },
    { readonly applied: { readonly digest: string } }
  >;
}
