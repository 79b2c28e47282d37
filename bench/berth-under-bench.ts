import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { Sha256 } from '@aws-crypto/sha256-js';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { SignatureV4 } from '@smithy/signature-v4';
import { Agents, type DeployedRuntime } from '../scripts/quickstart/agents.ts';
import { BerthProcess, type ServerAccess } from '../scripts/quickstart/berth-process.ts';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');

/** An OCI layout that scripts/build-example-images.ts makes. */
export const imageLayout = resolve(root, '.cache/images/hello-node');

export interface PreparedRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A Berth server of the benchmark's own, with the example agent deployed. */
export class BerthUnderBench {
  readonly url: string;
  readonly runtime: DeployedRuntime;
  readonly agents: Agents;
  readonly #process: BerthProcess;
  readonly #signer: SignatureV4;

  private constructor(
    process: BerthProcess,
    server: ServerAccess,
    agents: Agents,
    runtime: DeployedRuntime,
    signer: SignatureV4,
  ) {
    this.url = server.url;
    this.runtime = runtime;
    this.agents = agents;
    this.#process = process;
    this.#signer = signer;
  }

  static async start(): Promise<BerthUnderBench> {
    await run(process.execPath, [resolve(root, 'scripts/build-example-images.ts'), 'hello-node']);
    // One log line per request would go through a pipe that the measuring process itself empties.
    const berth = new BerthProcess({ BERTH_LOG_LEVEL: 'warn' });
    try {
      const server = await berth.start();
      const { accessKeyId, secretAccessKey, region } = server;
      const connection = { endpoint: server.url, region, credentials: { accessKeyId, secretAccessKey } };
      const agents = new Agents(
        new BedrockAgentCoreControlClient(connection),
        new BedrockAgentCoreClient(connection),
      );
      const runtime = await deploy(server, agents);
      const signer = new SignatureV4({
        credentials: connection.credentials,
        region,
        service: 'bedrock-agentcore',
        sha256: Sha256,
      });
      return new BerthUnderBench(berth, server, agents, runtime, signer);
    } catch (error) {
      await berth.destroy();
      throw error;
    }
  }

  /** A signed InvokeAgentRuntime, good for about five minutes. Each is signed apart: no two signatures are the same. */
  async prepare(sessionId: string, body: string): Promise<PreparedRequest> {
    const { host, hostname, port } = new URL(this.url);
    const path = `/runtimes/${encodeURIComponent(this.runtime.arn)}/invocations`;
    const signed = await this.#signer.sign({
      method: 'POST',
      protocol: 'http:',
      hostname,
      port: Number(port),
      path,
      query: {},
      headers: {
        host,
        'content-type': 'application/json',
        'amz-sdk-invocation-id': randomUUID(),
        'x-amzn-bedrock-agentcore-runtime-session-id': sessionId,
      },
      body,
    });
    return { path, headers: signed.headers, body };
  }

  async destroy(): Promise<void> {
    await this.#process.destroy();
  }
}

async function deploy(server: ServerAccess, agents: Agents): Promise<DeployedRuntime> {
  const containerUri = `${new URL(server.url).host}/hello-node:bench`;
  await run('skopeo', [
    'copy',
    '--quiet',
    '--dest-tls-verify=false',
    `--dest-creds=${server.accessKeyId}:${server.secretAccessKey}`,
    `oci:${imageLayout}:latest`,
    `docker://${containerUri}`,
  ]);
  return agents.create({
    agentRuntimeName: 'bench',
    agentRuntimeArtifact: { containerConfiguration: { containerUri } },
    roleArn: 'arn:aws:iam::000000000000:role/agent',
    networkConfiguration: { networkMode: 'PUBLIC' },
  });
}
