import type { Config } from '../config/config.ts';

/** Whether only this machine can call the public listeners, as far as the settings say. */
export function isLoopbackOnly({
  listen,
  publicUrl,
  tls,
}: Pick<Config, 'listen' | 'publicUrl' | 'tls'>): boolean {
  const hosts = [listen.host, new URL(publicUrl).hostname, ...(tls === undefined ? [] : [tls.listen.host])];
  return hosts.every(isLoopback);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
