/** What `berth` ends with; docs/cli.md lists them. */
export const exitCodes = {
  ok: 0,
  /** The server refused, or the work failed. */
  failure: 1,
  /** The command line or a setting is wrong. */
  usage: 2,
  /** No server answers. */
  unreachable: 3,
  /** There are no credentials, or the server does not accept them. */
  denied: 4,
} as const;

/** A failure that the user is told about in plain words: what was wrong, and in `advice` what to do. */
export class CliError extends Error {
  override readonly name = 'CliError';
  readonly exitCode: number;
  readonly advice: string | undefined;

  constructor(message: string, options: { exitCode?: number; advice?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.exitCode = options.exitCode ?? exitCodes.failure;
    this.advice = options.advice;
  }
}

export function usageError(message: string, advice?: string): CliError {
  return new CliError(message, { exitCode: exitCodes.usage, ...(advice !== undefined && { advice }) });
}
