import type { IncomingHttpHeaders } from 'node:http';
import { customHeaderPrefix, sessionIdHeader } from '../../../invocations/header-names.ts';
import { Problems } from '../../rest-json/problems.ts';

const legalName = /^[!#$%&'*+.^`|~\w-]+$/;
const legalValue = /^[\t\x20-\x7e]*$/;

/**
 * The headers of a WebSocket request together with those that browsers, which set none, send as query parameters of the same name:
 * the session id and Runtime-Custom-* (contract 1.4). Throws `validation` for what cannot be a header, or says two things.
 */
export function withQueryHeaders(headers: IncomingHttpHeaders, rawQuery: string): IncomingHttpHeaders {
  const problems = new Problems();
  const merged: IncomingHttpHeaders = { ...headers };
  const seen = new Set<string>();
  for (const [parameter, value] of new URLSearchParams(rawQuery)) {
    const name = parameter.toLowerCase();
    if (name !== sessionIdHeader && !name.startsWith(customHeaderPrefix)) continue;
    if (!legalName.test(name) || !legalValue.test(value))
      problems.add(parameter, value, 'Query parameter must be usable as an HTTP header, in printable ASCII');
    else if (seen.has(name) || (headers[name] ?? value) !== value)
      problems.add(
        parameter,
        value,
        'Query parameter must not contradict another one or the header of its name',
      );
    seen.add(name);
    merged[name] = value;
  }
  problems.throwIfAny();
  return merged;
}
