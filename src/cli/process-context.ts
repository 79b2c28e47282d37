import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { ReadStream } from 'node:tty';
import { homedir } from 'node:os';
import { systemClock } from '../shared/clock.ts';
import { systemRandom } from '../shared/ids.ts';
import { handedDown } from './server-process/handed-down.ts';
import { usualSystemdPaths } from './service/systemd.ts';
import type { Borrower, CliContext, Input, Output, RawTerminal } from './cli-context.ts';

/** This process as a command sees it. */
export function processContext(
  parts: Pick<CliContext, 'program' | 'version' | 'startServer' | 'examine'>,
): CliContext {
  return {
    ...parts,
    env: process.env,
    stdin: inputOf(process.stdin),
    stdout: outputOf(process.stdout),
    stderr: outputOf(process.stderr),
    userHome: homedir(),
    uid: process.getuid?.() ?? -1,
    hostsFile: '/etc/hosts',
    systemd: usualSystemdPaths,
    clock: systemClock,
    random: systemRandom,
    openTerminal: () => openTerminal(process.stdin, process.stdout),
    handedDown: (addresses) => handedDown(process, addresses),
    onHangUp(listener) {
      process.on('SIGHUP', listener);
      return { [Symbol.dispose]: () => process.off('SIGHUP', listener) };
    },
    ...signals(),
  };
}

function openTerminal(stdin: ReadStream, stdout: NodeJS.WriteStream): RawTerminal {
  const listeners: (() => void)[] = [];
  stdin.setRawMode(true);
  return {
    keys: stdin as AsyncIterable<Uint8Array>,
    size: () => ({ columns: stdout.columns, rows: stdout.rows }),
    onResize(listener) {
      listeners.push(listener);
      stdout.on('resize', listener);
    },
    [Symbol.dispose]() {
      for (const listener of listeners) stdout.off('resize', listener);
      stdin.setRawMode(false);
      stdin.destroy();
    },
  };
}

/** The first signal asks for an orderly end; a second one ends the process as if nobody had listened. */
function signals(): Pick<CliContext, 'interrupted' | 'lendTerminal'> {
  const controller = new AbortController();
  let borrower: Borrower | undefined;
  for (const [name, exitCode] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    process.on(name, () => {
      if (borrower !== undefined) {
        // Ctrl-C reaches a child from the terminal itself; what is sent to this process alone is passed on.
        if (name === 'SIGTERM') borrower.kill(name);
        return;
      }
      if (controller.signal.aborted) process.exit(exitCode);
      controller.abort(new Error(`interrupted by ${name}`));
    });
  }
  return {
    interrupted: controller.signal,
    lendTerminal(child) {
      borrower = child;
      return { [Symbol.dispose]: () => (borrower = undefined) };
    },
  };
}

/** What nobody can read any more (`berth logs | head`, a full disk) is dropped; the work goes on. */
function outputOf(stream: NodeJS.WriteStream): Output {
  const closed = new AbortController();
  stream.on('error', (error) => closed.abort(error));
  return {
    isTTY: stream.isTTY,
    closed: closed.signal,
    write: (chunk) =>
      new Promise((resolve) => {
        if (closed.signal.aborted) resolve();
        else stream.write(chunk, () => resolve());
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
