import { createHash, randomUUID } from 'node:crypto';
import { request } from 'undici';
import { echoPath } from '../src/api/data/testing/data-plane-fixture.ts';
import { type BareBaseline, startBarePlane } from './bare-baseline.ts';
import { BerthUnderBench, type PreparedRequest } from './berth-under-bench.ts';
import { type NginxBaseline, startNginx } from './nginx-baseline.ts';

/** One way to the same warm sandbox. */
export interface Way {
  readonly name: string;
  readonly url: string;
  /** A second process, which every other request goes to. */
  readonly secondUrl?: string;
  /** Of what stands in between. */
  readonly pid: number | undefined;
  /** `deed` is the agent's: see agent/agent.mjs. */
  readonly prepare: (deed: string, body: string | Uint8Array) => Promise<PreparedRequest>;
}

const deedHeader = 'x-amzn-bedrock-agentcore-runtime-custom-do';

/** One warm sandbox of a Berth server, reached straight, through nginx, through Berth and through its data plane alone. */
export class Ways implements AsyncDisposable {
  readonly berth: BerthUnderBench;
  readonly all: readonly Way[];
  readonly #others: readonly (NginxBaseline | BareBaseline)[];

  private constructor(
    berth: BerthUnderBench,
    others: readonly (NginxBaseline | BareBaseline)[],
    all: readonly Way[],
  ) {
    this.berth = berth;
    this.#others = others;
    this.all = all;
  }

  /** Those that are one process. */
  get single(): readonly Way[] {
    return this.all.filter(({ secondUrl }) => secondUrl === undefined);
  }

  /** Through Berth, as its callers know it. */
  get through(): Way {
    return this.all.find(({ pid }) => pid === this.berth.pid) ?? fail();
  }

  static async open(): Promise<Ways> {
    const berth = await BerthUnderBench.start('bench-agent');
    try {
      const sessionId = randomUUID();
      const through: Way = {
        name: 'Berth, signature checked',
        url: berth.url,
        pid: berth.pid,
        prepare: (deed, body) => berth.prepare(sessionId, body, { [deedHeader]: deed }),
      };
      const host = await addressThrough(through);
      const nginx = await startNginx(`${host}:8080`);
      const bare = await startBarePlane(host);
      const second = await startBarePlane(host);
      const prepare: Way['prepare'] = async (deed, body) => ({
        path: '/invocations',
        headers: { 'content-type': 'application/json', [deedHeader]: deed },
        body,
      });
      const believed: Way['prepare'] = async (deed, body) => ({
        path: `${echoPath}/invocations`,
        headers: {
          authorization: 'KEY invoke',
          'content-type': 'application/json',
          'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
          'x-amzn-bedrock-agentcore-runtime-session-id': sessionId,
          [deedHeader]: deed,
        },
        body,
      });
      return new Ways(
        berth,
        [nginx, bare, second],
        [
          { name: 'direct', url: `http://${host}:8080`, pid: undefined, prepare },
          { name: 'nginx', url: nginx.url, pid: nginx.pid, prepare },
          { name: 'data plane alone', url: bare.url, pid: bare.pid, prepare: believed },
          {
            name: 'the same, two processes',
            url: bare.url,
            secondUrl: second.url,
            pid: undefined,
            prepare: believed,
          },
          through,
        ],
      );
    } catch (error) {
      await berth.destroy();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const other of this.#others) await other.destroy();
    await this.berth.destroy();
  }
}

async function addressThrough({ url, prepare }: Way): Promise<string> {
  const { path, ...prepared } = await prepare('address', '{}');
  const { body } = await request(`${url}${path}`, { method: 'POST', ...prepared });
  return body.text();
}

function fail(): never {
  throw new Error('There is no way through Berth.');
}
