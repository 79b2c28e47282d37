import { InvalidArgumentError, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import { newCommand } from '../new-command.ts';
import { escapeControl } from '../output/escape-control.ts';

interface LogOptions {
  readonly session?: string;
  readonly follow?: boolean;
  readonly tail?: number;
  readonly json?: boolean;
}

export function logsCommand(context: CliContext): Command {
  return newCommand(
    'logs',
    "What a runtime's agents wrote to stdout and stderr; control characters are escaped.",
    [
      'berth logs hello_node',
      'berth logs hello_node --session 0b4ce1f2-6f1c-4d6f-9d54-4c7c2d9e7a31 --follow',
    ],
  )
    .argument('<runtime>', 'name, id or ARN')
    .option('-s, --session <id>', 'only this session')
    .option('-f, --follow', 'go on as more is written, until Ctrl-C')
    .option('-n, --tail <lines>', 'only the last lines', parseCount)
    .action(async (reference: string, options: LogOptions) => {
      await using server = await connect(context);
      const { id } = await server.findRuntime(reference);
      const answer = await server.admin.logs({
        runtimeId: id,
        sessionId: options.session,
        tail: options.tail,
        follow: options.follow,
        signal: AbortSignal.any([context.interrupted, context.stdout.closed]),
      });
      for await (const line of linesOf(answer.body)) {
        const text =
          options.json === true ? JSON.stringify({ text: line.replace(/\n$/, '') }) : escapeControl(line);
        await context.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      }
    });
}

/** Whole lines with their line break; a long line without one is passed on in pieces, so that memory stays flat. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  const longest = 1 << 20;
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const lines = rest.split(/(?<=\n)/);
    rest = lines.at(-1)?.endsWith('\n') === true ? '' : (lines.pop() ?? '');
    yield* lines;
    if (rest.length > longest) {
      yield rest;
      rest = '';
    }
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError('expected a number of lines, such as 100.');
  return Number(text);
}
