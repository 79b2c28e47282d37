import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Agents, DeployedRuntime } from '../scripts/quickstart/agents.ts';
import { BerthFixture, repository, type RuntimeChanges } from '../test/fixture/berth-fixture.ts';
import { RequestSigner } from '../test/fixture/request-signer.ts';

const run = promisify(execFile);

/** An OCI layout that scripts/build-example-images.ts makes. */
export const imageLayout = resolve(repository, '.cache/images/hello-node');

export interface PreparedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/** A Berth server of the benchmark's own, with one agent deployed. */
export class BerthUnderBench {
  readonly runtime: DeployedRuntime;
  readonly #berth: BerthFixture;
  readonly #signer: RequestSigner;

  private constructor(berth: BerthFixture, runtime: DeployedRuntime) {
    this.#berth = berth;
    this.runtime = runtime;
    this.#signer = new RequestSigner(berth.server);
  }

  static async start(
    layout: 'hello-node' | 'bench-agent',
    changes: RuntimeChanges = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<BerthUnderBench> {
    await run(process.execPath, [resolve(repository, 'scripts/build-example-images.ts'), layout]);
    // One log line per request would go through a pipe that the measuring process itself empties.
    const berth = await BerthFixture.start({ BERTH_LOG_LEVEL: 'warn', ...environment });
    try {
      return new BerthUnderBench(berth, await berth.deploy(layout, 'bench', changes));
    } catch (error) {
      await berth.destroy();
      throw error;
    }
  }

  get url(): string {
    return this.#berth.server.url;
  }

  get agents(): Agents {
    return this.#berth.agents;
  }

  get pid(): number {
    return this.#berth.process.pid;
  }

  get home(): string {
    return this.#berth.server.home;
  }

  /** A figure of /metrics, by its name and labels as they are written there. */
  async figure(name: string): Promise<number> {
    const line = (await this.#berth.metrics()).split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line?.slice(name.length + 1) ?? Number.NaN);
  }

  async untilFigure(name: string, isReached: (value: number) => boolean): Promise<void> {
    while (!isReached(await this.figure(name))) await sleep(50);
  }

  /** Runs the `berth` command against this server; its answer is JSON. */
  async cli(...command: readonly string[]): Promise<unknown> {
    return JSON.parse((await this.#berth.cli(...command, '--json')).stdout);
  }

  /** A signed InvokeAgentRuntime, good for about five minutes. Each is signed apart: no two signatures are the same. */
  async prepare(
    sessionId: string,
    body: string | Uint8Array,
    more: Readonly<Record<string, string>> = {},
  ): Promise<PreparedRequest> {
    const path = `/runtimes/${encodeURIComponent(this.runtime.arn)}/invocations`;
    const headers = await this.#signer.sign({
      method: 'POST',
      path,
      headers: {
        'content-type': 'application/json',
        'amz-sdk-invocation-id': randomUUID(),
        'x-amzn-bedrock-agentcore-runtime-session-id': sessionId,
        ...more,
      },
      body,
    });
    return { path, headers, body };
  }

  async destroy(): Promise<void> {
    await this.#berth.destroy();
  }
}
