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
