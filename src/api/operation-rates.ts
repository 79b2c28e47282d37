import type { Config } from '../config/config.ts';
import type { ServiceOperation } from './model/service-operation.ts';

export type OperationRates = Pick<
  Config['quotas'],
  | 'controlMutationRate'
  | 'controlGetRate'
  | 'controlListRate'
  | 'invocationRate'
  | 'identityControlRate'
  | 'identityReadRate'
  | 'identityCompletionRate'
>;

/**
 * How many calls per second an account may make of an operation, and which it shares that with: Identity's operations have a rate each
 * (contract 5.2), Runtime's of the control plane one for each kind, and those of the data plane one (5.1).
 */
export function rateOf(
  { name, plane, kind, uri }: Pick<ServiceOperation, 'name' | 'plane' | 'kind' | 'uri'>,
  rates: OperationRates,
): { readonly bucket: string; readonly perSecond: number } {
  if (uri.startsWith('/identities/')) {
    if (plane === 'control') return { bucket: name, perSecond: rates.identityControlRate };
    const isCompletion = name === 'CompleteResourceTokenAuth';
    return { bucket: name, perSecond: isCompletion ? rates.identityCompletionRate : rates.identityReadRate };
  }
  if (plane === 'data') return { bucket: 'data', perSecond: rates.invocationRate };
  const ofKind = {
    mutation: rates.controlMutationRate,
    get: rates.controlGetRate,
    list: rates.controlListRate,
  };
  return { bucket: kind, perSecond: ofKind[kind] };
}
