import type { CliContext } from '../cli-context.ts';
import { findCredentials } from '../credentials/find-credentials.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { AdminApi } from './admin-api.ts';
import { AuditApi } from './audit-api.ts';
import { findRuntime, type FoundRuntime } from './find-runtime.ts';
import { IdentityApi } from './identity-api.ts';
import { RuntimesApi } from './runtimes-api.ts';
import { createServerClient, type ServerClient } from './server-client.ts';

/** Everything a command needs to talk to the server. */
export interface Connection extends AsyncDisposable {
  readonly client: ServerClient;
  readonly credentials: ServerCredentials;
  readonly runtimes: RuntimesApi;
  readonly admin: AdminApi;
  readonly identity: IdentityApi;
  readonly audit: AuditApi;
  /** By name, id or ARN. */
  findRuntime(reference: string): Promise<FoundRuntime>;
}

/** To the server that `findCredentials` chooses; nothing is sent yet. */
export async function connect(context: CliContext): Promise<Connection> {
  return connectTo(await findCredentials(context));
}

export function connectTo(credentials: ServerCredentials): Connection {
  const client = createServerClient(credentials);
  const runtimes = new RuntimesApi(client);
  return {
    client,
    credentials,
    runtimes,
    admin: new AdminApi(client),
    identity: new IdentityApi(client),
    audit: new AuditApi(client),
    findRuntime: (reference) => findRuntime(reference, { runtimes, credentials }),
    [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
  };
}
