import { protocolPorts, type ServerProtocol } from '../runtimes/runtime.ts';
import { BerthError } from '../shared/errors.ts';
import { isLocalError } from '../shared/local-errors.ts';

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
  const code = 'code' in error ? String(error.code) : '';
  const isNotHttp = error.name === 'HTTPParserError' || code.startsWith('HPE_');
  const known = sentences[code] ?? (isNotHttp ? notHttp : undefined);
  const sentence = known?.(protocolPorts[protocol]) ?? 'The agent closed the connection before it answered.';
  return new BerthError('runtime-client-error', `${sentence} Its log may say why.`, { cause: error });
}

const sentences: Readonly<Record<string, (port: number) => string>> = {
  ECONNREFUSED: (port) => `The agent does not take connections on port ${port}.`,
  UND_ERR_CONNECT_TIMEOUT: (port) => `The agent does not take connections on port ${port}.`,
  UND_ERR_HEADERS_TIMEOUT: () => 'The agent did not begin to answer within 15 minutes.',
  UND_ERR_HEADERS_OVERFLOW: headTooLarge,
  HPE_HEADER_OVERFLOW: headTooLarge,
};

function notHttp(): string {
  return "The agent's answer is not HTTP.";
}

function headTooLarge(): string {
  return "The head of the agent's answer is larger than 64 KiB.";
}
