import { lookup } from 'node:dns/promises';
import { Agent, request } from 'undici';
import type { Clock } from '../../shared/clock.ts';
import { messageOf } from '../../shared/errors.ts';
import { guardedLookup, type Resolve } from '../../shared/guarded-lookup.ts';
import type { IssuerPolicy } from './issuer-policy.ts';

export interface IssuerClientParts {
  readonly policy: Pick<IssuerPolicy, 'problemOf' | 'addressProblem'>;
  readonly clock: Clock;
  /** All addresses of a host name; the system's resolver when absent. */
  readonly resolve?: Resolve;
}

const timeoutMs = 5_000;
const largestBytes = 256 * 1024;

/** Reads JSON documents of issuers, which are untrusted: bounded in size and time, no redirects, no way into private networks. */
export class IssuerClient {
  readonly #parts: Required<IssuerClientParts>;

  constructor(parts: IssuerClientParts) {
    this.#parts = { resolve: (hostname) => lookup(hostname, { all: true }), ...parts };
  }

  /** Rejects with an `Error` that says why, for the log: callers who are not proven learn nothing of it. */
  async fetchJson(url: URL): Promise<unknown> {
    const { policy, clock, resolve } = this.#parts;
    const problem = policy.problemOf(url);
    if (problem !== undefined) throw new Error(problem);
    const late = Promise.withResolvers<never>();
    const cancel = clock.after(timeoutMs, () =>
      late.reject(new Error(`no answer within ${timeoutMs / 1000} s`)),
    );
    // Of its own, since each connection must have passed this URL's check.
    const agent = new Agent({ connections: 1, connect: { lookup: guardedLookup(url, policy, resolve) } });
    try {
      // Not by a signal: the library looks at none while a name is resolved or a connection is made.
      return await Promise.race([readJson(agent, url), late.promise]);
    } catch (error) {
      throw new Error(`${url.href} cannot be read: ${messageOf(error)}`, { cause: error });
    } finally {
      cancel();
      await agent.destroy();
    }
  }
}

async function readJson(agent: Agent, url: URL): Promise<unknown> {
  const { statusCode, body } = await request(url, {
    dispatcher: agent,
    headers: { accept: 'application/json', 'user-agent': 'berth' },
  });
  if (statusCode !== 200) {
    body.on('error', () => {}).destroy();
    throw new Error(`it answers ${statusCode}; redirects are not followed`);
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body as AsyncIterable<Uint8Array>) {
    length += chunk.byteLength;
    if (length > largestBytes) throw new Error(`it is longer than ${largestBytes} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString());
}
