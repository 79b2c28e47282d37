import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { SandboxProcess } from '../sandboxes/sandbox-process.ts';
import type { SessionLease } from '../sessions/session-lease.ts';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';

export interface ShellCommandParts {
  readonly lease: Pick<SessionLease, 'exec' | 'activity' | 'onGone' | 'whyGone'>;
  readonly clock: Clock;
}

export interface ShellCommand {
  /** A line for /bin/sh. */
  readonly command: string;
  readonly timeoutMs: number;
  /** The caller goes away: the command is killed. */
  readonly signal: AbortSignal;
}

/** Who gets what a command does, in order; the command is held back until each call has resolved. */
export interface CommandListener {
  started(): Promise<void>;
  /** At most 64 KB; characters are never split, and what is no UTF-8 becomes U+FFFD. */
  output(stream: 'stdout' | 'stderr', text: string): Promise<void>;
}

export interface CommandOutcome {
  /** -1 when the command ran out of time: it has none of its own then. */
  readonly exitCode: number;
  readonly isTimedOut: boolean;
}

/** Contract 5.1, shell command. */
const largestOutputBytes = 100_000_000;
/** Each of its bytes may become a character of three. */
const pieceBytes = 21_000;
const killedCode = 137;
/** For output that is still on its way when the time is over. */
const lateOutputMs = 2_000;

/**
 * Runs one line in a session's sandbox, without input. Rejects before `started` with what `exec` does; later with
 * `quota-exceeded` for too much output, with why the sandbox is gone, or the signal's reason. However it ends, nothing of it goes
 * on but what it put into the background.
 */
export async function runShellCommand(
  { lease, clock }: ShellCommandParts,
  { command, timeoutMs, signal }: ShellCommand,
  listener: CommandListener,
): Promise<CommandOutcome> {
  await using program = await lease.exec({ args: ['/bin/sh', '-c', command] }, signal);
  let isTimedOut = false;
  let cancelGrace = () => {};
  const broken = Promise.withResolvers<never>();
  const late = Promise.withResolvers<number>();
  const cancelTimeout = clock.after(timeoutMs, () => {
    isTimedOut = true;
    void program.kill('SIGKILL');
    // What it left in the background, or a caller that does not read, must not hold the session any longer.
    cancelGrace = clock.after(lateOutputMs, () => late.resolve(killedCode));
  });
  broken.promise.catch(() => {});
  const forget = lease.onGone(broken.reject);
  const onLeft = () => broken.reject(signal.reason);
  signal.addEventListener('abort', onLeft, { once: true });
  try {
    signal.throwIfAborted();
    program.stdin.end();
    const exitCode = await Promise.race([broken.promise, late.promise, follow(program, lease, listener)]);
    if (isTimedOut) return { exitCode: -1, isTimedOut };
    const gone = exitCode === killedCode ? await lease.whyGone() : undefined;
    if (gone !== undefined) throw gone;
    return { exitCode, isTimedOut };
  } finally {
    cancelTimeout();
    cancelGrace();
    forget();
    signal.removeEventListener('abort', onLeft);
  }
}

async function follow(
  program: SandboxProcess,
  lease: ShellCommandParts['lease'],
  listener: CommandListener,
): Promise<number> {
  await listener.started();
  let seenBytes = 0;
  const pass = async (name: 'stdout' | 'stderr', stream: Readable) => {
    const decoder = new StringDecoder('utf8');
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      lease.activity();
      seenBytes += chunk.byteLength;
      if (seenBytes > largestOutputBytes) throw tooMuch();
      for (let at = 0; at < chunk.byteLength; at += pieceBytes) {
        const text = decoder.write(chunk.subarray(at, at + pieceBytes));
        if (text !== '') await listener.output(name, text);
      }
    }
    const rest = decoder.end();
    if (rest !== '') await listener.output(name, rest);
  };
  await Promise.all([pass('stdout', program.stdout), pass('stderr', program.stderr)]);
  return program.exit;
}

function tooMuch(): BerthError {
  return new BerthError(
    'quota-exceeded',
    `The command wrote more than ${largestOutputBytes} bytes, which is the most that is passed on, and was ended. Write to a file instead.`,
  );
}
