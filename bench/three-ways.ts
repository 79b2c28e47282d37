import { randomUUID } from 'node:crypto';
import { request } from 'undici';
import { BerthUnderBench, type PreparedRequest } from './berth-under-bench.ts';
import { type NginxBaseline, startNginx } from './nginx-baseline.ts';

/** One way to the same warm sandbox. */
export interface Way {
  readonly name: string;
  readonly url: string;
  /** Of what stands in between. */
  readonly pid: number | undefined;
  /** `deed` is the agent's: see agent/agent.mjs. */
  readonly prepare: (deed: string, body: string | Uint8Array) => Promise<PreparedRequest>;
}

const deedHeader = 'x-amzn-bedrock-agentcore-runtime-custom-do';

/** One warm sandbox of a Berth server, reached straight, through nginx and through Berth. */
export class ThreeWays implements AsyncDisposable {
  readonly berth: BerthUnderBench;
  readonly all: readonly Way[];
  readonly #nginx: NginxBaseline;

  private constructor(berth: BerthUnderBench, nginx: NginxBaseline, all: readonly Way[]) {
    this.berth = berth;
    this.#nginx = nginx;
    this.all = all;
  }

  static async open(): Promise<ThreeWays> {
    const berth = await BerthUnderBench.start('bench-agent');
    try {
      const sessionId = randomUUID();
      const through: Way = {
        name: 'Berth, signature checked',
        url: berth.url,
        pid: berth.pid,
        prepare: (deed, body) => berth.prepare(sessionId, body, { [deedHeader]: deed }),
      };
      const address = `${await addressThrough(through)}:8080`;
      const nginx = await startNginx(address);
      const prepare: Way['prepare'] = async (deed, body) => ({
        path: '/invocations',
        headers: { 'content-type': 'application/json', [deedHeader]: deed },
        body,
      });
      return new ThreeWays(berth, nginx, [
        { name: 'direct', url: `http://${address}`, pid: undefined, prepare },
        { name: 'nginx', url: nginx.url, pid: nginx.pid, prepare },
        through,
      ]);
    } catch (error) {
      await berth.destroy();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#nginx.destroy();
    await this.berth.destroy();
  }
}

async function addressThrough({ url, prepare }: Way): Promise<string> {
  const { path, ...prepared } = await prepare('address', '{}');
  const { body } = await request(`${url}${path}`, { method: 'POST', ...prepared });
  return body.text();
}
