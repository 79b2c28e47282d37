import { parseRuntimeReference } from '../../runtimes/arns.ts';
import { defaultEndpointName } from '../../runtimes/runtime.ts';
import { BerthError, invalidField } from '../../shared/errors.ts';
import type { RuntimeId, Scope } from '../../shared/ids.ts';
import type { DataRoute } from './data-route.ts';

/** Which runtime and endpoint a request means. */
export interface RuntimeAddress {
  readonly scope: Scope;
  readonly runtimeId: RuntimeId;
  readonly qualifier: string;
}

/**
 * Reads ARN (of a runtime or an endpoint) or bare id from the path, `qualifier` and `accountId` from the query (contract 3.1).
 * Throws `validation` for what is malformed, `not-found` for another account or region: nothing of theirs is here.
 */
export function readRuntimeAddress({ rawTarget, rawQuery }: DataRoute, caller: Scope): RuntimeAddress {
  const query = new URLSearchParams(rawQuery);
  const reference = parseRuntimeReference(decodeTarget(rawTarget));
  const accountId = query.get('accountId');
  if (accountId !== null && !/^[0-9]{12}$/.test(accountId))
    throw invalidField('accountId', 'accountId must be 12 digits.');
  const named = reference.scope ?? { accountId: accountId ?? caller.accountId, region: caller.region };
  const isCallers = named.accountId === caller.accountId && named.region === caller.region;
  if (!isCallers || (accountId !== null && accountId !== caller.accountId)) {
    throw new BerthError(
      'not-found',
      `Agent runtime ${reference.runtimeId} is not in account ${caller.accountId} and region ${caller.region}, which this server holds.`,
    );
  }
  const asked = query.get('qualifier') ?? '';
  const qualifier = asked === '' ? (reference.endpointName ?? defaultEndpointName) : asked;
  if (reference.endpointName !== undefined && qualifier !== reference.endpointName) {
    throw invalidField(
      'qualifier',
      `The ARN names the endpoint ${reference.endpointName} and the qualifier another one.`,
    );
  }
  return {
    scope: { accountId: caller.accountId, region: caller.region },
    runtimeId: reference.runtimeId,
    qualifier,
  };
}

function decodeTarget(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    const message = 'The agentRuntimeArn in the path is not valid percent-encoded UTF-8.';
    throw new BerthError('validation', message, {
      reason: 'CannotParse',
      fields: [{ name: 'agentRuntimeArn', message }],
    });
  }
}
