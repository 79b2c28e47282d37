import type { RuntimeReads } from './runtime-store.ts';
import type { RuntimeId } from '../shared/ids.ts';
import type { JwtAuthorizer } from '../shared/jwt-authorizer.ts';

const mostEndpoints = 100;

/** What the versions that a runtime's endpoints serve now ask of bearer tokens. */
export async function servedAuthorizers(
  store: Pick<RuntimeReads, 'listEndpoints' | 'findVersion'>,
  runtimeId: RuntimeId,
): Promise<readonly JwtAuthorizer[]> {
  const endpoints = await store.listEndpoints(runtimeId, { after: undefined, limit: mostEndpoints });
  const numbers = new Set(endpoints.flatMap(({ liveVersion }) => liveVersion ?? []));
  const versions = await Promise.all([...numbers].map((number) => store.findVersion(runtimeId, number)));
  return versions.flatMap((version) => version?.authorizer ?? []);
}
