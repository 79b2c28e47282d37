import type { AccessContext } from '../../auth/access-context.ts';
import { accessContextOf } from '../access-context-of.ts';
import type { Exchange } from './exchange.ts';
import type { RuntimeAddress } from './runtime-address.ts';

/** What is known of a call for its authorisation, the endpoint that it names included. */
export function callContextOf(
  { request, requestId }: Exchange,
  { qualifier }: RuntimeAddress,
): AccessContext {
  return { ...accessContextOf(request, requestId), endpoint: qualifier };
}
