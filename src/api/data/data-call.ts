import type { PendingAuthentication, RequestHead } from '../../auth/authenticator.ts';
import type { InvocationTarget, InvocationTargets } from '../../runtimes/runtime.ts';
import type { Scope } from '../../shared/ids.ts';
import type { DataRoute } from './data-route.ts';
import { readRuntimeAddress, type RuntimeAddress } from './runtime-address.ts';

/** Judges callers by what they call: the version's authorizer says which proof it takes. */
export interface DataAuthenticator {
  begin(head: RequestHead, target: InvocationTarget | undefined): Promise<PendingAuthentication>;
}

/** A request whose head is in order and whose target is looked up, before its caller is proven. */
export interface DataCall {
  readonly route: DataRoute;
  readonly pending: PendingAuthentication;
  /** Throws what is wrong with the path; for proven callers only. */
  address(): RuntimeAddress;
  /** Throws what is wrong with the runtime or endpoint; for proven callers only. */
  target(): InvocationTarget;
}

/** The server's only account and region, and what is looked up in it. */
export interface DataCallParts {
  readonly scope: Scope;
  readonly targets: Pick<InvocationTargets, 'find'>;
  readonly authenticator: DataAuthenticator;
}

/** Looks the target up first, since it decides how its callers prove who they are; what is wrong with it waits until they have. */
export async function beginDataCall(
  { scope, targets, authenticator }: DataCallParts,
  route: DataRoute,
  head: RequestHead,
  onTarget: (target: InvocationTarget) => void,
): Promise<DataCall> {
  const address = await outcomeOf(() => readRuntimeAddress(route, scope));
  const target = await outcomeOf(() => {
    const { runtimeId, qualifier } = address.get();
    return targets.find(scope, runtimeId, qualifier);
  });
  if (target.value !== undefined) onTarget(target.value);
  const pending = await authenticator.begin(head, target.value);
  return { route, pending, address: address.get, target: target.get };
}

interface Outcome<T> {
  readonly value?: T;
  /** The value, or throws what went wrong. */
  readonly get: () => T;
}

async function outcomeOf<T>(work: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    const value = await work();
    return { value, get: () => value };
  } catch (error) {
    return {
      get: () => {
        throw error;
      },
    };
  }
}
