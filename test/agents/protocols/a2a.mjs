import { randomUUID } from 'node:crypto';
import { TaskState } from '@a2a-js/sdk';
import { AgentEvent, DefaultRequestHandler, InMemoryTaskStore } from '@a2a-js/sdk/server';
import { agentCardHandler, jsonRpcHandler, UserBuilder } from '@a2a-js/sdk/server/express';
import express from 'express';

/** On port 9000; the card names the address at which Berth's callers reach this agent. */
export function serve() {
  const card = {
    name: 'Repeater',
    description: 'Repeats what it is told, word by word',
    version: '1.0.0',
    supportedInterfaces: [
      {
        url: process.env['AGENTCORE_RUNTIME_URL'],
        protocolBinding: 'JSONRPC',
        tenant: '',
        protocolVersion: '1.0',
      },
    ],
    capabilities: { streaming: true, pushNotifications: false, extensions: [] },
    securitySchemes: {},
    securityRequirements: [],
    defaultInputModes: ['text/plain'],
    defaultOutputModes: ['text/plain'],
    skills: [
      {
        id: 'repeat',
        name: 'Repeat',
        description: 'Repeats',
        tags: ['test'],
        examples: [],
        inputModes: [],
        outputModes: [],
        securityRequirements: [],
      },
    ],
    signatures: [],
  };
  const requestHandler = new DefaultRequestHandler(card, new InMemoryTaskStore(), new Repeater());
  express()
    .get('/ping', (_request, response) => response.json({ status: 'Healthy' }))
    .use('/.well-known/agent-card.json', agentCardHandler({ agentCardProvider: requestHandler }))
    .use('/', jsonRpcHandler({ requestHandler, userBuilder: UserBuilder.noAuthentication }))
    .listen(9000, '0.0.0.0');
}

class Repeater {
  async execute({ taskId, contextId, userMessage }, bus) {
    const [{ content }] = userMessage.parts;
    const status = (state) => ({ state, message: undefined, timestamp: new Date().toISOString() });
    const of = { taskId, contextId, metadata: {} };
    bus.publish(
      AgentEvent.task({
        id: taskId,
        contextId,
        status: status(TaskState.TASK_STATE_WORKING),
        artifacts: [],
        history: [userMessage],
        metadata: {},
      }),
    );
    const artifactId = randomUUID();
    for (const [index, word] of content.value.split(' ').entries()) {
      const parts = [
        { content: { $case: 'text', value: word }, metadata: {}, filename: '', mediaType: 'text/plain' },
      ];
      const artifact = { artifactId, name: 'words', description: '', parts, metadata: {}, extensions: [] };
      bus.publish(AgentEvent.artifactUpdate({ ...of, artifact, append: index > 0, lastChunk: false }));
    }
    bus.publish(AgentEvent.statusUpdate({ ...of, status: status(TaskState.TASK_STATE_COMPLETED) }));
    bus.finished();
  }

  async cancelTask() {}
}
