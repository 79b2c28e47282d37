/** The JSON of a shell's status channel, in the form of Kubernetes (contract 1.5). */
const base = { kind: 'Status', apiVersion: 'v1' } as const;

/** The first frame after the connection is open. */
export function connectedStatus(parts: {
  readonly shellId: string;
  readonly reconnected: boolean;
  readonly bytesDropped: number;
}): string {
  const { shellId, reconnected, bytesDropped } = parts;
  const metadata = { shellId, reconnected, ...(bytesDropped > 0 && { bytesDropped }) };
  return JSON.stringify({ ...base, metadata, status: 'Success' });
}

/** The last one; the exit code is 128 and the signal's number when a signal ended the shell. */
export function exitedStatus(exitCode: number): string {
  if (exitCode === 0) return JSON.stringify({ ...base, metadata: {}, status: 'Success' });
  const causes = [{ reason: 'ExitCode', message: String(exitCode) }];
  if (exitCode > 128) causes.push({ reason: 'Signal', message: String(exitCode - 128) });
  return JSON.stringify({
    ...base,
    metadata: {},
    status: 'Failure',
    reason: 'NonZeroExitCode',
    message: `command terminated with exit code ${exitCode}`,
    details: { causes },
  });
}

/** The last one when the shell was not its own end. */
export function failedStatus(message: string): string {
  const failure = { status: 'Failure', reason: 'InternalError', message, code: 500 };
  return JSON.stringify({ ...base, metadata: {}, ...failure });
}
