import { protocolPorts, type RuntimeVersion } from '../runtimes/runtime.ts';
import type { SandboxExit } from '../sandboxes/sandbox-driver.ts';
import { BerthError } from '../shared/errors.ts';
import type { ProbeFailure } from './agent-probe.ts';

/** What a caller sees when an agent does not come up: AWS's sentence, for clients that look for it, then the reason (contract 4.5). */
export function startFailure(startTimeoutMs: number, reason: string, cause?: unknown): BerthError {
  const seconds = Math.round(startTimeoutMs / 1000);
  return new BerthError(
    'runtime-client-error',
    `Runtime initialization time exceeded. Please make sure that initialization completes in ${seconds}s. ${reason}`,
    { cause },
  );
}

export function exitReason(
  { protocol }: Pick<RuntimeVersion, 'protocol'>,
  exit: SandboxExit | undefined,
): string {
  const until = `before it ${expectation(protocol)}`;
  if (exit === undefined) return `The sandbox disappeared ${until}.`;
  if (exit.outOfMemory) {
    return `The agent ran out of memory (exit code ${exit.exitCode}) ${until}.`;
  }
  return `The agent's process exited with code ${exit.exitCode} ${until}.`;
}

/** `openPorts` are ports of the container that take connections. */
export function silenceReason(
  { protocol }: Pick<RuntimeVersion, 'protocol'>,
  last: ProbeFailure | undefined,
  openPorts: readonly number[],
): string {
  const port = protocolPorts[protocol];
  if (last?.kind === 'bad-answer') {
    return `Port ${port} of the container is open, but GET /ping did not answer with a 2xx status: ${last.message}.`;
  }
  if (openPorts.includes(port)) {
    return `Port ${port} of the container is open, but GET /ping was not answered in time.`;
  }
  const hint =
    openPorts.length === 0
      ? ''
      : ` It listens on port ${openPorts.join(' and ')} instead: change the agent's port, or the runtime's protocol.`;
  return `Nothing listens on port ${port} of the container; an agent of protocol ${protocol} must listen on 0.0.0.0:${port}.${hint}`;
}

/** What those see whose call was running when the sandbox went. */
export function goneError(exit: SandboxExit | undefined, reason: string): BerthError {
  if (exit?.outOfMemory === true) {
    return new BerthError(
      'runtime-client-error',
      `The agent ran out of memory and was ended (exit code ${exit.exitCode}). The next call of this session starts clean.`,
    );
  }
  const what = exit === undefined ? reason : `The agent's process exited with code ${exit.exitCode}.`;
  return new BerthError('runtime-client-error', `${what} The next call of this session starts clean.`);
}

function expectation(protocol: RuntimeVersion['protocol']): string {
  const port = protocolPorts[protocol];
  return protocol === 'MCP' ? `listened on port ${port}` : `answered GET /ping on port ${port}`;
}
