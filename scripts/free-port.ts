import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';

const lowest = 10_000;

/**
 * A TCP port of loopback that nobody listens on now. It is none of those that the kernel gives to connections, which could
 * take it before its server starts, or while that is restarted (ip(7), ip_local_port_range).
 */
export async function freePort(): Promise<number> {
  const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
  const above = Math.max(Number.parseInt(range, 10), 2 * lowest);
  for (;;) {
    const port = randomInt(lowest, above);
    if (await isFree(port)) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  try {
    await once(probe, 'listening');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  }
  await probe[Symbol.asyncDispose]();
  return true;
}
