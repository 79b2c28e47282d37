import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';

/** Where a server may be led by URLs that others chose. */
export interface DestinationPolicy {
  /** Why a URL is refused whatever its name resolves to, or undefined. */
  problemOf(url: URL): string | undefined;
  /** Why an address that the URL's host name has is refused, or undefined. */
  addressProblem(url: URL, address: string): string | undefined;
}

/** A destination that the policy refuses. */
export class RefusedDestinationError extends Error {
  override readonly name = 'RefusedDestinationError';
}

/** All addresses of a host name. */
export type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>;

/** The connection goes to the very addresses that were checked: a name that resolves otherwise the next time changes nothing. */
export function guardedLookup(
  url: URL,
  policy: Pick<DestinationPolicy, 'addressProblem'>,
  resolve: Resolve,
): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname).then(
      (addresses) => {
        const [first] = addresses;
        const problem = addresses
          .map(({ address }) => policy.addressProblem(url, address))
          .find((found) => found !== undefined);
        if (problem !== undefined) callback(new RefusedDestinationError(problem), []);
        else if (first === undefined) callback(new Error(`${hostname} has no address`), []);
        else if (options.all === true) callback(null, [...addresses]);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}
