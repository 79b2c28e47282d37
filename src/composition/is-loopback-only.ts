import type { Config } from '../config/config.ts';

/** Whether only this machine can call the public listener, as far as the settings say. */
export function isLoopbackOnly({ listen, publicUrl }: Pick<Config, 'listen' | 'publicUrl'>): boolean {
  return isLoopback(listen.host) && isLoopback(new URL(publicUrl).hostname);
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
