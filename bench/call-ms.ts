import type { Dispatcher } from 'undici';
import type { BerthUnderBench } from './berth-under-bench.ts';

/** One call of a session. The request is signed before the clock runs; the clock stops at the answer's first byte. */
export async function callMs(
  berth: BerthUnderBench,
  client: Pick<Dispatcher, 'request'>,
  sessionId: string,
): Promise<number> {
  const request = await berth.prepare(sessionId, '{}');
  const startedAt = performance.now();
  const { statusCode, body } = await client.request({ origin: berth.url, method: 'POST', ...request });
  const tookMs = performance.now() - startedAt;
  const answer = await body.text();
  if (statusCode !== 200) throw new Error(`The call was answered with ${statusCode}: ${answer}`);
  return tookMs;
}
