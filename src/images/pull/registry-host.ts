import { BerthError } from '../../shared/errors.ts';
import { parseReference } from '../reference.ts';

/** The form under which credentials are kept: host and port, `docker.io` for all of Docker Hub's names. Throws `validation`. */
export function parseRegistryHost(text: string): string {
  const host = text
    .trim()
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/s, '');
  const named = /[.:]|^localhost$/.test(host) ? host : `${host}.`;
  try {
    return parseReference(`${named}/a/b`).registry;
  } catch (error) {
    throw new BerthError(
      'validation',
      `'${text}' is not a registry host: expected HOST[:PORT], as in ghcr.io.`,
      { cause: error },
    );
  }
}

/** Where a registry's API is. Plain HTTP is for loopback only. */
export function registryOrigin(registry: string): URL {
  if (registry === 'docker.io') return new URL('https://registry-1.docker.io');
  const secure = new URL(`https://${registry}`);
  return isLoopback(secure) ? new URL(`http://${registry}`) : secure;
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.[0-9]{1,3}){3}$/.test(hostname);
}
