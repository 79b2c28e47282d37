import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { loadServiceOperations } from '../model/service-operation.ts';
import { writeOutput } from './write-output.ts';

const operations = loadServiceOperations();

function write(name: string, output: Record<string, unknown>) {
  const operation = operations.find((one) => one.name === name);
  assert.ok(operation);
  const answer = writeOutput(operation, output);
  return { ...answer, body: answer.body === undefined ? undefined : (JSON.parse(answer.body) as unknown) };
}

describe('writing an answer', () => {
  it("has the model's status and members, without undefined and foreign ones", () => {
    verifies('wire:output');
    const answer = write('CreateAgentRuntime', {
      agentRuntimeId: 'a-AbCdEf1234',
      status: 'CREATING',
      workloadIdentityDetails: { workloadIdentityArn: 'arn', internal: 'no' },
      secretOfTheServer: 'no',
      failureReason: undefined,
    });
    assert.equal(answer.status, 202);
    assert.equal(answer.headers['content-type'], 'application/json');
    assert.deepEqual(answer.body, {
      agentRuntimeId: 'a-AbCdEf1234',
      status: 'CREATING',
      workloadIdentityDetails: { workloadIdentityArn: 'arn' },
    });
  });

  it('puts header members in headers and the status where the model wants it', () => {
    const answer = write('StopRuntimeSession', { runtimeSessionId: 's', statusCode: 200 });
    assert.equal(answer.headers['x-amzn-bedrock-agentcore-runtime-session-id'], 's');
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body, {});
  });

  it('gives a 204 no body', () => {
    assert.deepEqual(write('TagResource', {}), { status: 204, headers: {}, body: undefined });
  });

  it('writes times as the model says: ISO text for runtimes, epoch seconds for identities', () => {
    verifies('wire:times');
    const time = new Date('2026-01-02T03:04:05.678Z');
    const runtime = write('GetAgentRuntime', { createdAt: time }).body;
    const identity = write('GetWorkloadIdentity', { createdTime: time }).body;
    assert.deepEqual(runtime, { createdAt: '2026-01-02T03:04:05.678Z' });
    assert.deepEqual(identity, { createdTime: time.getTime() / 1000 });
  });
});
