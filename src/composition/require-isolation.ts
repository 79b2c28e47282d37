import { BerthError } from '../shared/errors.ts';

/** At once, not at the first call of somebody else. */
export function requireIsolation(wanted: string, known: readonly string[]): void {
  if (known.includes(wanted)) return;
  throw new BerthError(
    'validation',
    `BERTH_ISOLATION is '${wanted}', which this server's engine does not have. It has: ${known.join(', ')}.`,
  );
}
