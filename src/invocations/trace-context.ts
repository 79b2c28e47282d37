/** Trace headers for the next hop: all of one trace, their parent the span of this one. */
export interface TraceContext {
  /** W3C Trace Context, version 00. */
  readonly traceparent: string;
  readonly tracestate: string | undefined;
  /** The same in AWS X-Ray's form: X-Amzn-Trace-Id. */
  readonly traceId: string;
}

const w3cForm = /^00-([0-9a-f]{8})([0-9a-f]{24})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A valid `traceparent` in AWS X-Ray's form; undefined for anything else. */
export function xrayFormOf(traceparent: string | undefined): string | undefined {
  const [, seconds, rest, parent, flags = ''] = w3cForm.exec(traceparent ?? '') ?? [];
  if (seconds === undefined || rest === undefined || parent === undefined) return undefined;
  if (/^0+$/.test(seconds + rest) || /^0+$/.test(parent)) return undefined;
  return `Root=1-${seconds}-${rest};Parent=${parent};Sampled=${Number.parseInt(flags, 16) & 1}`;
}
