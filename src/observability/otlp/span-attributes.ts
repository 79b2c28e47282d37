/** A call of the data plane that is over: ids and numbers. */
export interface TracedCall {
  readonly requestId: string;
  readonly operation: string;
  readonly method: string;
  readonly route: string;
  readonly runtimeArn: string | undefined;
  readonly runtimeId: string | undefined;
  readonly endpoint: string | undefined;
  readonly version: number | undefined;
  readonly protocol: string | undefined;
  readonly sessionId: string | undefined;
  readonly status: number;
  readonly failure: string | undefined;
  readonly errorKind: string | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly startedAtMs: number;
  readonly durationMs: number;
  readonly firstByteMs: number | undefined;
  readonly hasStartedSandbox: boolean | undefined;
}

export function spanName({ operation }: TracedCall): string {
  return operation;
}

/**
 * Names from OpenTelemetry's semantic conventions (HTTP, sessions) where there is one, else AWS's of AgentCore's own spans, else
 * `berth.*`; docs/telemetry.md lists them. What is undefined is left out.
 */
export function spanAttributes(call: TracedCall): Record<string, string | number | boolean | undefined> {
  return {
    'http.request.method': call.method,
    'http.route': call.route,
    'http.response.status_code': call.status,
    'http.request.body.size': call.bytesIn,
    'http.response.body.size': call.bytesOut,
    'error.type': call.failure,
    'session.id': call.sessionId,
    'aws.operation.name': call.operation,
    'aws.request_id': call.requestId,
    'aws.resource.type': 'AWS::BedrockAgentCore::Runtime',
    'aws.resource.arn': call.runtimeArn,
    'aws.agent.id': call.runtimeId,
    'aws.endpoint.name': call.endpoint,
    'berth.runtime.version': call.version,
    'berth.runtime.protocol': call.protocol,
    'berth.time_to_first_byte_ms': call.firstByteMs,
    'berth.sandbox.started': call.hasStartedSandbox,
  };
}
