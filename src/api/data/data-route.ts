/** A request of the data plane, by its raw path: an ARN is one segment, still encoded, and a trailing slash may follow. */
export interface DataRoute {
  readonly operation: 'InvokeAgentRuntime' | 'StopRuntimeSession';
  /** Still encoded. */
  readonly rawTarget: string;
  readonly rawQuery: string;
}

const form = /^\/runtimes\/([^/?]+)\/(invocations|stopruntimesession)\/?(?:\?(.*))?$/s;

/** Undefined for what is not served here. */
export function matchDataRoute(
  method: string | undefined,
  rawUrl: string | undefined,
): DataRoute | undefined {
  if (method !== 'POST') return undefined;
  const [, rawTarget, name, rawQuery = ''] = form.exec(rawUrl ?? '') ?? [];
  if (rawTarget === undefined) return undefined;
  return {
    operation: name === 'invocations' ? 'InvokeAgentRuntime' : 'StopRuntimeSession',
    rawTarget,
    rawQuery,
  };
}
