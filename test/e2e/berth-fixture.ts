import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  type CreateAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { Agents, type DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthProcess, type ServerAccess } from '../../scripts/quickstart/berth-process.ts';

const run = promisify(execFile);

export const repository = resolve(import.meta.dirname, '../..');
export const berthCommand = join(repository, 'bin/berth');

/** An OCI layout that scripts/build-example-images.ts makes. */
export type Layout = 'hello-node' | 'agentcore-ts' | 'agentcore-python' | 'unruly';

export type RuntimeChanges = Partial<CreateAgentRuntimeCommandInput>;

/** A Berth server of a test's own, as a process, and the clients to call it with. They stay good after a restart. */
export class BerthFixture {
  readonly process: BerthProcess;
  readonly server: ServerAccess;
  readonly control: BedrockAgentCoreControlClient;
  /** Sends nothing again by itself. */
  readonly data: BedrockAgentCoreClient;
  readonly agents: Agents;

  private constructor(process: BerthProcess, server: ServerAccess) {
    const { url: endpoint, region, accessKeyId, secretAccessKey } = server;
    const connection = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
    this.process = process;
    this.server = server;
    this.control = new BedrockAgentCoreControlClient(connection);
    this.data = new BedrockAgentCoreClient({ ...connection, maxAttempts: 1 });
    this.agents = new Agents(this.control, this.data);
  }

  /** `environment` holds settings of the server. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<BerthFixture> {
    const process = new BerthProcess(environment);
    return new BerthFixture(process, await process.start());
  }

  /** The address of an image in the server's own registry. */
  imageUri(reference: string): string {
    return `${new URL(this.server.url).host}/${reference}`;
  }

  /** As `docker push` would. */
  async push(layout: Layout, reference: string): Promise<string> {
    const { accessKeyId, secretAccessKey } = this.server;
    await run('skopeo', [
      'copy',
      '--quiet',
      '--dest-tls-verify=false',
      `--dest-creds=${accessKeyId}:${secretAccessKey}`,
      `oci:${repository}/.cache/images/${layout}:latest`,
      `docker://${this.imageUri(reference)}`,
    ]);
    return this.imageUri(reference);
  }

  /** What CreateAgentRuntime needs, with `changes` laid over it. */
  settings(
    agentRuntimeName: string,
    containerUri: string,
    changes: RuntimeChanges = {},
  ): CreateAgentRuntimeCommandInput {
    return {
      agentRuntimeName,
      agentRuntimeArtifact: { containerConfiguration: { containerUri } },
      roleArn: 'arn:aws:iam::000000000000:role/agent',
      networkConfiguration: { networkMode: 'PUBLIC' },
      ...changes,
    };
  }

  /** Pushes a layout and makes a READY runtime of it. */
  async deploy(layout: Layout, name: string, changes: RuntimeChanges = {}): Promise<DeployedRuntime> {
    return this.agents.create(this.settings(name, await this.push(layout, `${layout}:v1`), changes));
  }

  /** Runs the `berth` command against this server. */
  cli(...command: readonly string[]): Promise<{ stdout: string; stderr: string }> {
    return run(berthCommand, command, { env: { ...process.env, BERTH_HOME: this.server.home } });
  }

  async liveSessions(): Promise<number> {
    return Number(/^berth_live_sessions (\d+)$/m.exec(await this.metrics())?.[1]);
  }

  async metrics(): Promise<string> {
    return (await fetch(`${this.server.url}/metrics`)).text();
  }

  destroy(): Promise<void> {
    return this.process.destroy();
  }
}
