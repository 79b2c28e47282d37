import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { messageOf } from '../../shared/errors.ts';
import { readEventStream } from '../../shared/event-stream.ts';
import { bearerTokenOf, bearerTokenOption } from '../bearer-token.ts';
import type { CliContext, Output } from '../cli-context.ts';
import { CliError, usageError } from '../cli-error.ts';
import { ApiError } from '../client/api-error.ts';
import { type CommandEvent, parseCommandEvent, parseException } from '../client/command-events.ts';
import { connect } from '../client/connect.ts';
import type { ApiAnswer } from '../client/server-client.ts';
import { newCommand } from '../new-command.ts';
import type { Outcome } from '../outcome.ts';
import { escapeControl } from '../output/escape-control.ts';

interface ExecOptions {
  readonly session?: string;
  readonly endpoint?: string;
  readonly bearerToken?: string;
  readonly timeout?: string;
  readonly json?: boolean;
}

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
/** As timeout(1) ends. */
const timedOutCode = 124;

export function execCommand(context: CliContext, outcome: Outcome): Command {
  return newCommand('exec', "Run a command in a session's sandbox; its exit code is returned.", [
    'berth exec hello_node -- ls -l /app',
    `berth exec hello_node --session 0b4ce1f2-6f1c-4d6f-9d54-4c7c2d9e7a31 -- 'ps aux | wc -l'`,
    'berth exec hello_node --timeout 3600 -- npm test',
  ])
    .usage('[options] <runtime> -- <command...>')
    .argument('<runtime>', 'name, id or ARN')
    .argument('<command...>', 'a program and its arguments; a single word is a line for /bin/sh')
    .option(
      '-s, --session <id>',
      'in the sandbox of this session (33 characters or more); otherwise a new one begins',
    )
    .option('-e, --endpoint <name>', 'another endpoint than DEFAULT')
    .option(...bearerTokenOption)
    .option('-t, --timeout <seconds>', 'how long it may take: 1 to 3600 seconds, 300 when not set')
    .action(async (reference: string, words: readonly string[], options: ExecOptions) => {
      const timeout = parseTimeout(options.timeout);
      await using server = await connect(context);
      const { arn, endpoint } = await server.findRuntime(reference);
      const sessionId = options.session ?? randomUUID();
      const answer = await server.client.send({
        method: 'POST',
        path: `/runtimes/${encodeURIComponent(arn)}/commands`,
        query: { qualifier: options.endpoint ?? endpoint },
        headers: { 'content-type': 'application/json', [sessionHeader]: sessionId },
        body: JSON.stringify({ command: lineOf(words), timeout }),
        bearerToken: bearerTokenOf(options, context),
        signal: AbortSignal.any([context.interrupted, context.stdout.closed]),
      });
      if (options.session === undefined && options.json !== true)
        await context.stderr.write(`session: ${sessionId}\n`);
      const events = eventsOf(answer, context);
      const stop = await (options.json === true
        ? printJson(events, sessionId, context)
        : printOutput(events, context));
      outcome.exitCode = stop.status === 'TIMED_OUT' ? timedOutCode : stop.exitCode;
    });
}

function parseTimeout(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 3_600) return Number(text);
  throw usageError(`--timeout ${text}: expected 1 to 3600 seconds.`);
}

/** Words reach the program as they are; a single one may hold pipes and more. */
function lineOf(words: readonly string[]): string {
  if (words.length === 1) return words[0] ?? '';
  return words.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : quoted(word))).join(' ');
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}

type Stop = NonNullable<CommandEvent['contentStop']>;

async function* eventsOf(answer: ApiAnswer, context: CliContext): AsyncGenerator<CommandEvent> {
  let isOver = false;
  try {
    for await (const { kind, type, content } of readEventStream(answer.body)) {
      if (kind === 'exception') {
        const requestId = answer.headers['x-amzn-requestid'];
        throw new ApiError({ status: answer.status, ...parseException(type, content), requestId });
      }
      const event = parseCommandEvent(content);
      isOver ||= event.contentStop !== undefined;
      yield event;
    }
  } catch (error) {
    if (context.interrupted.aborted || error instanceof ApiError) throw error;
    throw brokenOff(messageOf(error), error);
  }
  if (!isOver) throw brokenOff('it ended without an exit code.');
}

function brokenOff(reason: string, cause?: unknown): CliError {
  return new CliError(`The command's output broke off: ${reason}`, {
    advice: "'berth sessions list' may show what happened to its session.",
    cause,
  });
}

async function printOutput(events: AsyncIterable<CommandEvent>, context: CliContext): Promise<Stop> {
  let stop: Stop | undefined;
  for await (const { contentDelta, contentStop } of events) {
    await write(context.stdout, contentDelta?.stdout);
    await write(context.stderr, contentDelta?.stderr);
    stop = contentStop ?? stop;
  }
  if (stop?.status === 'TIMED_OUT')
    await context.stderr.write('berth: the command ran out of time and was ended; see --timeout.\n');
  return required(stop);
}

/** What runs in a sandbox must not drive the terminal; a pipe gets the very text. */
async function write(output: Output, text: string | undefined): Promise<void> {
  if (text !== undefined) await output.write(output.isTTY ? escapeControl(text) : text);
}

async function printJson(
  events: AsyncIterable<CommandEvent>,
  sessionId: string,
  context: CliContext,
): Promise<Stop> {
  let stop: Stop | undefined;
  const output = { stdout: '', stderr: '' };
  for await (const { contentDelta, contentStop } of events) {
    output.stdout += contentDelta?.stdout ?? '';
    output.stderr += contentDelta?.stderr ?? '';
    stop = contentStop ?? stop;
  }
  const { exitCode, status } = required(stop);
  const answer = { sessionId, exitCode, status, ...output };
  await context.stdout.write(`${JSON.stringify(answer, undefined, 2)}\n`);
  return { exitCode, status };
}

function required(stop: Stop | undefined): Stop {
  if (stop === undefined) throw brokenOff('it ended without an exit code.');
  return stop;
}
