import { BerthError } from '../../../shared/errors.ts';

const json = 'application/json';
const events = 'text/event-stream';

/** MCP's streamable HTTP: whoever posts takes both forms of an answer, whoever reads a stream takes events. Throws `not-acceptable`. */
export function refuseUnacceptable(method: string | undefined, accept: string | undefined): void {
  const needed = { POST: [json, events], GET: [events] }[method ?? ''] ?? [];
  const named = new Set(
    (accept ?? '').split(',').map((range) => range.split(';', 1)[0]?.trim().toLowerCase()),
  );
  const missing = needed.filter((type) => !named.has(type));
  if (missing.length === 0) return;
  throw new BerthError(
    'not-acceptable',
    `The Accept header of a ${method} to an MCP server must name ${needed.join(' and ')}; it lacks ${missing.join(' and ')}.`,
  );
}
