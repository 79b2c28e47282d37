import type { ServerProtocol } from '../runtimes/runtime.ts';

/** An agent must not ask for credentials in the service's name, nor speak for its rate limits. */
const servicesOwn = new Set([401, 403, 407, 429]);

/**
 * Whether an agent's answer reaches the caller as it is; any other becomes a RuntimeClientError. MCP servers say with a 4xx what
 * their clients act upon: 404 that the session is over, 405 that there is no stream to read.
 */
export function isPassedOn(status: number, protocol: ServerProtocol): boolean {
  if (status >= 200 && status <= 299) return true;
  return protocol === 'MCP' && status >= 400 && status <= 499 && !servicesOwn.has(status);
}
