/** A signal that aborts with any of `signals` or after `timeoutMs`, whichever is first. */
export function anySignal(timeoutMs: number, ...signals: (AbortSignal | undefined)[]): AbortSignal {
  const given = signals.filter((signal) => signal !== undefined);
  return AbortSignal.any([AbortSignal.timeout(timeoutMs), ...given]);
}
