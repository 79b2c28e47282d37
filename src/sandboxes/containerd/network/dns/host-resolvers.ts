import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';

import type { Resolver } from './look-up.ts';

/** Those of the host itself, one on its loopback included; read anew each time, as networks change. */
export async function hostResolvers(): Promise<readonly Resolver[]> {
  const text = await readFile('/etc/resolv.conf', 'utf8').catch(() => '');
  return text.split('\n').flatMap((line) => {
    const host = /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? '';
    return isIP(host) === 0 ? [] : [{ host, port: 53 }];
  });
}
