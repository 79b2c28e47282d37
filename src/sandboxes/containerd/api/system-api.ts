import { isEngineError } from './engine-error.ts';
import { type CallOptions, type GrpcConnection, loadMethods, type Method } from './grpc-connection.ts';

/** What containerd says of itself, and its namespaces. */
export interface SystemApi {
  /** As in `1.6.20`, without what a distribution appended. */
  version(options?: CallOptions): Promise<string>;
  /** Idempotent. */
  createNamespace(name: string): Promise<void>;
}

export function systemApi(connection: GrpcConnection): SystemApi {
  const version = loadMethods<VersionMethods>('version.proto', 'containerd.services.version.v1.Version');
  const namespaces = loadMethods<NamespaceMethods>(
    'namespaces.proto',
    'containerd.services.namespaces.v1.Namespaces',
  );
  return {
    async version(options) {
      const answer = await connection.callRepeatable(version.Version, {}, options);
      return /\d+\.\d+\.\d+(?:-(?:alpha|beta|rc)\.\d+)?/.exec(answer.version)?.[0] ?? answer.version;
    },
    async createNamespace(name) {
      try {
        await connection.callRepeatable(namespaces.Create, { namespace: { name } });
      } catch (error) {
        if (!isEngineError(error, 'already-exists')) throw error;
      }
    },
  };
}

interface VersionMethods {
  readonly Version: Method<object, { readonly version: string }>;
}

interface NamespaceMethods {
  readonly Create: Method<{ readonly namespace: { readonly name: string } }, unknown>;
}
