import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import type { Clock } from '../../shared/clock.ts';
import { messageOf } from '../../shared/errors.ts';
import type { IssuerPolicy } from './issuer-policy.ts';

export interface IssuerClientParts {
  readonly policy: Pick<IssuerPolicy, 'problemOf' | 'addressProblem'>;
  readonly clock: Clock;
  /** All addresses of a host name; the system's resolver when absent. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
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
    const problem = this.#parts.policy.problemOf(url);
    if (problem !== undefined) throw new Error(problem);
    const late = Promise.withResolvers<never>();
    const cancel = this.#parts.clock.after(timeoutMs, () =>
      late.reject(new Error(`no answer within ${timeoutMs / 1000} s`)),
    );
    // Of its own, since each connection must have passed this URL's check.
    const agent = new Agent({ connections: 1, connect: { lookup: this.#guardedLookup(url) } });
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

  /** The connection goes to the very addresses that were checked: a name that resolves otherwise the next time changes nothing. */
  #guardedLookup(url: URL): LookupFunction {
    const { policy, resolve } = this.#parts;
    return (hostname, options, callback) => {
      resolve(hostname).then(
        (addresses) => {
          const [first] = addresses;
          const problem = addresses
            .map(({ address }) => policy.addressProblem(url, address))
            .find((found) => found !== undefined);
          if (problem !== undefined) callback(new Error(problem), []);
          else if (first === undefined) callback(new Error(`${hostname} has no address`), []);
          else if (options.all === true) callback(null, [...addresses]);
          else callback(null, first.address, first.family);
        },
        (error: NodeJS.ErrnoException) => callback(error, []),
      );
    };
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
