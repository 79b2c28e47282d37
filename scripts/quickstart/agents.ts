import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BedrockAgentCoreClient,
  InvokeAgentRuntimeCommand,
  StopRuntimeSessionCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  type BedrockAgentCoreControlClient,
  CreateAgentRuntimeCommand,
  type CreateAgentRuntimeCommandInput,
  DeleteAgentRuntimeCommand,
  GetAgentRuntimeCommand,
  GetAgentRuntimeEndpointCommand,
  UpdateAgentRuntimeCommand,
  type UpdateAgentRuntimeCommandInput,
} from '@aws-sdk/client-bedrock-agentcore-control';

export interface DeployedRuntime {
  readonly arn: string;
  readonly id: string;
}

/** What examples/hello-node answers. */
export interface HelloAnswer {
  readonly answer: string;
  readonly heard: readonly string[];
  readonly file?: string;
  readonly bootId: string;
  readonly sessionId: string;
  readonly greeting?: string;
}

/** The calls of the story, all through the AWS SDK. */
export class Agents {
  readonly #control: BedrockAgentCoreControlClient;
  readonly #data: BedrockAgentCoreClient;

  constructor(control: BedrockAgentCoreControlClient, data: BedrockAgentCoreClient) {
    this.#control = control;
    this.#data = data;
  }

  async create(input: CreateAgentRuntimeCommandInput): Promise<DeployedRuntime> {
    const answer = await this.#control.send(new CreateAgentRuntimeCommand(input));
    const runtime = { arn: answer.agentRuntimeArn ?? '', id: answer.agentRuntimeId ?? '' };
    await this.#untilServed(runtime, '1');
    return runtime;
  }

  async update(
    runtime: DeployedRuntime,
    input: Omit<UpdateAgentRuntimeCommandInput, 'agentRuntimeId'>,
  ): Promise<void> {
    const answer = await this.#control.send(
      new UpdateAgentRuntimeCommand({ ...input, agentRuntimeId: runtime.id }),
    );
    await this.#untilServed(runtime, answer.agentRuntimeVersion ?? '');
  }

  async invoke(runtime: DeployedRuntime, sessionId: string, input: object): Promise<HelloAnswer> {
    const { response } = await this.#send(runtime, sessionId, input);
    return JSON.parse((await response?.transformToString()) ?? '') as HelloAnswer;
  }

  /** Calls `onEvent` with each event's text and its time since the first byte was asked for; returns the times. */
  async stream(
    runtime: DeployedRuntime,
    sessionId: string,
    input: object,
    onEvent: (event: string, atMs: number) => void,
  ): Promise<number[]> {
    const startedAt = performance.now();
    const { response } = await this.#send(runtime, sessionId, input);
    const arrivals: number[] = [];
    const decoder = new TextDecoder();
    let pending = '';
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      const events = (pending + decoder.decode(chunk, { stream: true })).split('\n\n');
      pending = events.pop() ?? '';
      for (const event of events) {
        arrivals.push(performance.now() - startedAt);
        onEvent(event, performance.now() - startedAt);
      }
    }
    return arrivals;
  }

  async stop(runtime: DeployedRuntime, runtimeSessionId: string): Promise<void> {
    await this.#data.send(new StopRuntimeSessionCommand({ agentRuntimeArn: runtime.arn, runtimeSessionId }));
  }

  async remove(runtime: DeployedRuntime): Promise<void> {
    await this.#control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: runtime.id }));
  }

  async isGone(runtime: DeployedRuntime): Promise<boolean> {
    for (let attempt = 0; attempt < 100; attempt += 1) {
      try {
        await this.#control.send(new GetAgentRuntimeCommand({ agentRuntimeId: runtime.id }));
      } catch (error) {
        return error instanceof Error && error.name === 'ResourceNotFoundException';
      }
      await sleep(200);
    }
    return false;
  }

  #send(runtime: DeployedRuntime, runtimeSessionId: string, input: object) {
    return this.#data.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: runtime.arn,
        runtimeSessionId,
        payload: new TextEncoder().encode(JSON.stringify(input)),
      }),
    );
  }

  /** Until DEFAULT serves the version, or one that somebody made after it; the failure reason when it cannot. */
  async #untilServed(runtime: DeployedRuntime, version: string): Promise<void> {
    for (let attempt = 0; attempt < 600; attempt += 1) {
      const state = await this.#control.send(new GetAgentRuntimeCommand({ agentRuntimeId: runtime.id }));
      if (state.status?.endsWith('_FAILED') === true)
        throw new Error(`${state.status}: ${state.failureReason ?? ''}`);
      const endpoint = await this.#control.send(
        new GetAgentRuntimeEndpointCommand({ agentRuntimeId: runtime.id, endpointName: 'DEFAULT' }),
      );
      if (
        state.status === 'READY' &&
        endpoint.status === 'READY' &&
        Number(endpoint.liveVersion) >= Number(version)
      )
        return;
      await sleep(100);
    }
    throw new Error(`${runtime.id} did not become READY within a minute.`);
  }
}
