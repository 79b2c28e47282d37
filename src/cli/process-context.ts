import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { homedir } from 'node:os';
import { systemClock } from '../shared/clock.ts';
import { systemRandom } from '../shared/ids.ts';
import type { CliContext, Input, Output } from './cli-context.ts';

/** This process as a command sees it. */
export function processContext(parts: Pick<CliContext, 'program' | 'version' | 'startServer'>): CliContext {
  return {
    ...parts,
    env: process.env,
    stdin: inputOf(process.stdin),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    userHome: homedir(),
    uid: process.getuid?.() ?? -1,
    clock: systemClock,
    random: systemRandom,
    interrupted: interruption(),
  };
}

/** The first signal asks for an orderly end; a second one ends the process as if nobody had listened. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const [name, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(exitCode);
      controller.abort(new Error(`interrupted by ${name}`));
    });
  }
  return controller.signal;
}

function outputOf(stream: NodeJS.WriteStream): Output {
  // The reader of a pipe (`berth logs | head`) may go away: then there is nothing left to do.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  return {
    isTTY: stream.isTTY,
    write: (chunk) =>
      new Promise((resolve, reject) => {
        stream.write(chunk, (error) => (error === null || error === undefined ? resolve() : reject(error)));
      }),
  };
}

function inputOf(stream: ReadStream): Input {
  return {
    isTTY: stream.isTTY,
    [Symbol.asyncIterator]: () => (stream as AsyncIterable<Uint8Array>)[Symbol.asyncIterator](),
    async ask(question, { isSecret = false } = {}) {
      const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
      if (isSecret) process.stderr.write(question);
      const lines = createInterface({
        input: stream,
        output: isSecret ? silent : process.stderr,
        terminal: true,
      });
      try {
        return await lines.question(isSecret ? '' : question);
      } finally {
        lines.close();
        if (isSecret) process.stderr.write('\n');
      }
    },
  };
}
