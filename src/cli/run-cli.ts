import { CommanderError } from 'commander';
import { z } from 'zod';
import { BerthError, messageOf } from '../shared/errors.ts';
import { ApiError } from './client/api-error.ts';
import type { CliContext } from './cli-context.ts';
import { CliError, exitCodes } from './cli-error.ts';
import { createProgram } from './program.ts';

/** Runs one command line (without the program's own name) and returns its exit code. Never rejects. */
export async function runCli(args: readonly string[], context: CliContext): Promise<number> {
  const outcome = { exitCode: exitCodes.ok as number };
  try {
    await createProgram(context, outcome).parseAsync(args, { from: 'user' });
    return outcome.exitCode;
  } catch (error) {
    return await report(error, args.includes('--json'), context);
  }
}

interface Failure {
  readonly exitCode: number;
  readonly message: string;
  readonly type?: string | undefined;
  readonly advice?: string | undefined;
  readonly requestId?: string | undefined;
}

async function report(error: unknown, isJson: boolean, context: CliContext): Promise<number> {
  // commander has already written its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (context.interrupted.aborted) return 130;
  if (error === context.stdout.closed.reason) return exitCodes.ok;
  const failure = failureOf(error);
  if (isJson) {
    const { type, message, advice, requestId } = failure;
    await context.stderr.write(`${JSON.stringify({ error: { type, message, advice, requestId } })}\n`);
    return failure.exitCode;
  }
  await context.stderr.write(
    `berth: ${failure.type === undefined ? '' : `${failure.type}: `}${failure.message}\n`,
  );
  if (failure.advice !== undefined) await context.stderr.write(`${failure.advice}\n`);
  return failure.exitCode;
}

function failureOf(error: unknown): Failure {
  if (error instanceof CliError) return error;
  if (error instanceof ApiError) {
    const isDenied = error.status === 403 || error.status === 401;
    return {
      exitCode: isDenied ? exitCodes.denied : exitCodes.failure,
      type: error.type,
      message: error.message,
      requestId: error.requestId,
      advice:
        error.type === 'UnrecognizedClientException'
          ? "Log in again: 'berth login URL', or 'sudo berth up' on this machine."
          : undefined,
    };
  }
  if (error instanceof BerthError) {
    return {
      exitCode: error.code === 'validation' ? exitCodes.usage : exitCodes.failure,
      message: error.message,
    };
  }
  const system = systemFailure(error);
  if (system !== undefined) return system;
  if (error instanceof z.ZodError) {
    const message = `The server's answer was not understood:\n${z.prettifyError(error)}`;
    return {
      exitCode: exitCodes.failure,
      message,
      advice: "Is it a Berth server, and of this version? 'berth version' and 'berth status' tell.",
    };
  }
  const detail = error instanceof Error && error.stack !== undefined ? error.stack : messageOf(error);
  return { exitCode: exitCodes.failure, message: `unexpected failure, which is a bug of Berth:\n${detail}` };
}

/** A call to the operating system that failed is a matter of this machine, not a bug of Berth. */
function systemFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) return undefined;
  return { exitCode: exitCodes.failure, message: error.message, advice: systemAdvice[String(error.code)] };
}

const systemAdvice: Readonly<Record<string, string>> = {
  EACCES: 'This user may not do that. Check who owns the path, or run the command as another user.',
  EADDRINUSE: 'Another program listens there: end it, or choose another address with --listen.',
  EADDRNOTAVAIL: 'This machine has no such address: choose another with --listen.',
  EEXIST: 'Something else is there already: choose another path.',
  EMFILE: 'Too many files are open: raise the limit with ulimit -n.',
  ENOENT: 'It does not exist: check the path.',
  ENOSPC: 'The disk is full: make room and try again.',
  ENOTDIR: 'A part of the path is no folder: choose another path.',
  EROFS: 'The file system is read-only: choose another path.',
};
