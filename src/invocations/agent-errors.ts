import { protocolPorts, type ServerProtocol } from '../runtimes/runtime.ts';
import { BerthError } from '../shared/errors.ts';
import { isLocalError } from '../shared/local-errors.ts';
import { AgentFailure, type AgentFailureKind } from './agent-http/answer-handler.ts';

/** AWS's words, which clients know (contract 4.5). */
export function agentAnswered(status: number): BerthError {
  return new BerthError(
    'runtime-client-error',
    `Received error (${status}) from runtime. Please check your CloudWatch logs for more information.`,
  );
}

/** What went wrong between Berth and an agent that had not answered yet. Nothing is sent again: the agent may have seen it. */
export function agentFailed(error: Error, protocol: ServerProtocol): BerthError {
  if (isLocalError(error)) {
    return new BerthError('unavailable', 'The server has too many connections open. Try again shortly.', {
      cause: error,
    });
  }
  const sentence = sentences[kindOf(error)](protocolPorts[protocol]);
  return new BerthError('runtime-client-error', `${sentence} Its log may say why.`, { cause: error });
}

/** Handshakes of WebSockets fail with the errors of Node's own client. */
function kindOf(error: Error): AgentFailureKind {
  if (error instanceof AgentFailure) return error.kind;
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'HPE_HEADER_OVERFLOW') return 'head-too-large';
  return code.startsWith('HPE_') ? 'not-http' : 'closed';
}

const sentences: Readonly<Record<AgentFailureKind, (port: number) => string>> = {
  closed: () => 'The agent closed the connection before it answered.',
  refused: noConnection,
  'connect-timeout': noConnection,
  'head-timeout': () => 'The agent did not begin to answer within 15 minutes.',
  'data-timeout': () => 'The agent was silent for an hour.',
  'head-too-large': () => "The head of the agent's answer is larger than 64 KiB.",
  'not-http': () => "The agent's answer is not HTTP.",
};

function noConnection(port: number): string {
  return `The agent does not take connections on port ${port}.`;
}
