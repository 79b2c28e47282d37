import { BerthError } from '../shared/errors.ts';
import type { RuntimeId, Scope } from '../shared/ids.ts';
import type { LifecycleStatus, Runtime, RuntimeEndpoint, RuntimeVersion } from './runtime.ts';
import type { RuntimeReads } from './runtime-store.ts';

/** Throws `not-found` for a runtime that `scope` does not have, whoever else may have it. */
export async function requireRuntime(
  reads: Pick<RuntimeReads, 'findRuntime'>,
  scope: Scope,
  runtimeId: RuntimeId,
): Promise<Runtime> {
  const runtime = await reads.findRuntime(runtimeId);
  if (runtime === undefined || runtime.accountId !== scope.accountId || runtime.region !== scope.region) {
    throw new BerthError(
      'not-found',
      `There is no agent runtime ${runtimeId} in account ${scope.accountId}, region ${scope.region}. ListAgentRuntimes names those that exist.`,
    );
  }
  return runtime;
}

export async function requireVersion(
  reads: Pick<RuntimeReads, 'findVersion'>,
  runtimeId: RuntimeId,
  version: number,
): Promise<RuntimeVersion> {
  const found = await reads.findVersion(runtimeId, version);
  if (found === undefined) {
    throw new BerthError(
      'not-found',
      `Agent runtime ${runtimeId} has no version ${version}. ListAgentRuntimeVersions names those that exist.`,
    );
  }
  return found;
}

export async function requireEndpoint(
  reads: Pick<RuntimeReads, 'findEndpoint'>,
  runtimeId: RuntimeId,
  name: string,
): Promise<RuntimeEndpoint> {
  const found = await reads.findEndpoint(runtimeId, name);
  if (found === undefined) {
    throw new BerthError(
      'not-found',
      `Agent runtime ${runtimeId} has no endpoint ${name}. ListAgentRuntimeEndpoints names those that exist.`,
    );
  }
  return found;
}

/** Work goes on, and changes have to wait for its end. */
export function isInTransition(status: LifecycleStatus): boolean {
  return status === 'CREATING' || status === 'UPDATING' || status === 'DELETING';
}

/** It is going, or stuck on its way: nothing but deleting again is possible. */
export function isBeingDeleted(status: LifecycleStatus): boolean {
  return status === 'DELETING' || status === 'DELETE_FAILED';
}

/** Throws `conflict` while work goes on. */
export function refuseInTransition(
  what: string,
  status: LifecycleStatus,
  change: 'updated' | 'deleted',
): void {
  if (!isInTransition(status)) return;
  throw new BerthError(
    'conflict',
    `${what} is ${status} and cannot be ${change} meanwhile. Wait until its status no longer ends in -ING, then try again.`,
  );
}
