import { parseTraceParent } from '@opentelemetry/core';

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The trace that a caller is in, as its headers say. */
export interface CallerTrace {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits; undefined: the caller has begun the trace but no span. */
  readonly parentId: string | undefined;
  /** Undefined: the caller leaves it to us. */
  readonly isSampled: boolean | undefined;
  readonly tracestate: string | undefined;
}

/**
 * Reads `traceparent` (W3C Trace Context), or `x-amzn-trace-id` (AWS X-Ray) when there is none. What is malformed counts as
 * missing; `tracestate` belongs to `traceparent` and goes with it.
 */
export function readCallerTrace(headers: Headers): CallerTrace | undefined {
  return readTraceparent(headers) ?? readXray(headers['x-amzn-trace-id']);
}

function readTraceparent({ traceparent, tracestate }: Headers): CallerTrace | undefined {
  const known = typeof traceparent === 'string' ? parseTraceParent(traceparent) : null;
  if (known === null) return undefined;
  return {
    traceId: known.traceId,
    parentId: known.spanId,
    isSampled: (known.traceFlags & 1) === 1,
    tracestate: typeof tracestate === 'string' && tracestate !== '' ? tracestate : undefined,
  };
}

const rootForm = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i;
const parentForm = /^[0-9a-f]{16}$/i;

function readXray(header: Headers[string]): CallerTrace | undefined {
  if (typeof header !== 'string') return undefined;
  const fields = new Map(
    header.split(';').map((field) => {
      const [name = '', value = ''] = field.split('=');
      return [name.trim().toLowerCase(), value.trim()] as const;
    }),
  );
  const [, seconds, rest] = rootForm.exec(fields.get('root') ?? '') ?? [];
  if (seconds === undefined || rest === undefined || /^0+$/.test(seconds + rest)) return undefined;
  const parent = fields.get('parent') ?? '';
  const sampled = fields.get('sampled');
  return {
    traceId: (seconds + rest).toLowerCase(),
    parentId: parentForm.test(parent) && !/^0+$/.test(parent) ? parent.toLowerCase() : undefined,
    isSampled: sampled === '1' ? true : sampled === '0' ? false : undefined,
    tracestate: undefined,
  };
}
