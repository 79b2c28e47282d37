import type { Exchange } from './exchange.ts';
import type { InvokeHeaders } from './invoke-headers.ts';

/** Made from the request id, in AWS X-Ray's form, when the caller has none. */
export function traceIdOf(
  { traceId }: Pick<InvokeHeaders, 'traceId'>,
  { requestId, startedAtMs }: Pick<Exchange, 'requestId' | 'startedAtMs'>,
): string {
  if (traceId !== undefined && traceId !== '') return traceId;
  const seconds = Math.floor(startedAtMs / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${requestId.replaceAll('-', '').slice(0, 24)}`;
}
