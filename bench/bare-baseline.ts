import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface BareBaseline {
  readonly url: string;
  readonly pid: number;
  readonly destroy: () => Promise<void>;
}

/** The data plane alone in a process of its own: see bare-plane.ts. */
export async function startBarePlane(host: string): Promise<BareBaseline> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-plane.ts'), host], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const [port] = (await Promise.race([
    once(child.stdout.setEncoding('utf8'), 'data'),
    ended.then(() => Promise.reject(new Error('The data plane did not start.'))),
  ])) as [string];
  return {
    url: `http://127.0.0.1:${port.trim()}`,
    pid: child.pid ?? 0,
    async destroy() {
      child.stdin.end();
      await ended;
    },
  };
}
