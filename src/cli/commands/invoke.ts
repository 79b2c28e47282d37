import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { messageOf } from '../../shared/errors.ts';
import { bearerTokenOf, bearerTokenOption } from '../bearer-token.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError, usageError } from '../cli-error.ts';
import { connect } from '../client/connect.ts';
import type { ApiAnswer } from '../client/server-client.ts';
import { newCommand } from '../new-command.ts';
import { escapeControl } from '../output/escape-control.ts';
import { readInput } from '../read-answers.ts';

interface InvokeOptions {
  readonly session?: string;
  readonly user?: string;
  readonly endpoint?: string;
  readonly file?: string;
  readonly contentType: string;
  readonly accept?: string;
  readonly header: readonly string[];
  readonly bearerToken?: string;
  readonly json?: boolean;
}

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
const userHeader = 'x-amzn-bedrock-agentcore-runtime-user-id';

export function invokeCommand(context: CliContext): Command {
  return newCommand(
    'invoke',
    'Call a runtime; the answer is printed as it arrives, the session id on stderr.',
    [
      `berth invoke hello_node '{"prompt":"hi"}'`,
      'berth invoke hello_node "what is on my list?" --session 0b4ce1f2-6f1c-4d6f-9d54-4c7c2d9e7a31',
      'cat request.json | berth invoke hello_node -',
    ],
  )
    .argument('<runtime>', 'name, id or ARN')
    .argument(
      '[payload]',
      `the request: JSON, or plain text that is sent as {"prompt": TEXT}; '-' reads standard input`,
    )
    .option(
      '-s, --session <id>',
      'go on with this session (33 characters or more); otherwise a new one begins',
    )
    .option('-u, --user <id>', 'the end user on whose behalf this is')
    .option('-e, --endpoint <name>', 'another endpoint than DEFAULT')
    .option('-f, --file <path>', 'send the content of this file')
    .option('--content-type <type>', 'what the request is', 'application/json')
    .option('--accept <types>', 'what the answer may be')
    .option(...bearerTokenOption)
    .option('-H, --header <name:value>', 'a further header; may be repeated', collect, [])
    .action(async (reference: string, payload: string | undefined, options: InvokeOptions) => {
      const body = await readPayload(payload, options, context);
      const headers = parseHeaders(options.header);
      await using server = await connect(context);
      const { arn, endpoint } = await server.findRuntime(reference);
      const sessionId = options.session ?? randomUUID();
      const answer = await server.client.send({
        method: 'POST',
        path: `/runtimes/${encodeURIComponent(arn)}/invocations`,
        query: { qualifier: options.endpoint ?? endpoint },
        headers: {
          ...headers,
          'content-type': options.contentType,
          [sessionHeader]: sessionId,
          ...(options.user !== undefined && { [userHeader]: options.user }),
          ...(options.accept !== undefined && { accept: options.accept }),
        },
        body,
        bearerToken: bearerTokenOf(options, context),
        signal: AbortSignal.any([context.interrupted, context.stdout.closed]),
      });
      await printAnswer(answer, answer.headers[sessionHeader] ?? sessionId, options.json === true, context);
    });
}

async function readPayload(
  payload: string | undefined,
  options: InvokeOptions,
  context: CliContext,
): Promise<Uint8Array> {
  if ((payload === undefined) === (options.file === undefined)) {
    throw usageError(
      'Give the request either as an argument or with --file.',
      `As in: berth invoke NAME '{"prompt":"hi"}'`,
    );
  }
  if (options.file !== undefined) return readInput(context, options.file);
  if (payload === undefined || payload === '-') return readInput(context, '-');
  if (options.contentType !== 'application/json') return Buffer.from(payload);
  return Buffer.from(isJson(payload) ? payload : JSON.stringify({ prompt: plainText(payload) }));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function plainText(text: string): string {
  if (!/^\s*[[{"]/.test(text)) return text;
  throw usageError(
    `The request begins like JSON but is none: ${text.slice(0, 60)}`,
    'Check its quotes, in JSON and in the shell.',
  );
}

function parseHeaders(given: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const text of given) {
    const [, name, value] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(text) ?? [];
    if (name === undefined || value === undefined)
      throw usageError(`--header '${text}': expected NAME:VALUE.`);
    if (/^(authorization|host|content-length|x-amz-.*)$/i.test(name)) {
      throw usageError(`--header ${name}: this one belongs to what proves the caller.`);
    }
    headers[name.toLowerCase()] = value;
  }
  return headers;
}

async function printAnswer(
  answer: ApiAnswer,
  sessionId: string,
  isJsonWanted: boolean,
  context: CliContext,
): Promise<void> {
  const { stdout, stderr } = context;
  if (!isJsonWanted) await stderr.write(`session: ${sessionId}\n`);
  const parts: Uint8Array[] = [];
  const decoder = new TextDecoder();
  let last = '\n';
  try {
    for await (const chunk of answer.body) {
      if (isJsonWanted) parts.push(chunk);
      else if (!stdout.isTTY) await stdout.write(chunk);
      else {
        // What an agent says must not drive the terminal; a pipe gets the very bytes.
        const text = decoder.decode(chunk, { stream: true });
        await stdout.write(escapeControl(text));
        last = text.at(-1) ?? last;
      }
    }
  } catch (error) {
    if (context.interrupted.aborted) throw error;
    throw new CliError(`The answer broke off: ${messageOf(error)}`, {
      advice: "'berth logs NAME' may show what happened to the agent.",
      cause: error,
    });
  }
  if (isJsonWanted) {
    const body = Buffer.concat(parts).toString();
    const contentType = answer.headers['content-type'];
    const isJsonBody = contentType?.includes('json') === true && isJson(body);
    const parsed: unknown = isJsonBody ? JSON.parse(body) : body;
    await stdout.write(
      `${JSON.stringify({ sessionId, status: answer.status, contentType, body: parsed }, undefined, 2)}\n`,
    );
  } else if (stdout.isTTY && last !== '\n') {
    await stdout.write('\n');
  }
}

function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}
