import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { rolePermission } from './role-permission.ts';
import { testRole } from './role/testing/roles.ts';

const role = testRole();
const directory = 'arn:aws:bedrock-agentcore:us-east-1:111122223333:workload-identity-directory/default';
const own = `${directory}/workload-identity/${role.workload}`;
const runtime = `arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/${role.runtimeId}`;

describe("an agent's role", () => {
  it('may have tokens of its own workload identity, and of no other', () => {
    verifies('role:limited');
    for (const action of ['GetWorkloadAccessToken', 'GetWorkloadAccessTokenForJWT']) {
      assert.ok(isAllowed(action, own), action);
      for (const other of [
        '*',
        runtime,
        `${directory}/workload-identity/other`,
        `${own}x`,
        `x${own}`,
        own.replace('us-', 'eu-'),
        own.replace('1111', '9999'),
      ])
        assert.equal(isAllowed(action, other), false, `${action} on ${other}`);
    }
  });

  it('may neither invoke its own runtime, nor act for a user, nor do what only operators do', () => {
    verifies('role:limited');
    for (const action of [
      'InvokeAgentRuntime',
      'InvokeAgentRuntimeForUser',
      'InvokeAgentRuntimeWithWebSocketStream',
      'InvokeAgentRuntimeCommand',
      'StopRuntimeSession',
      'GetAgentCard',
      'GetWorkloadIdentity',
      'GetWorkloadAccessTokenForUserId',
      'CompleteResourceTokenAuth',
      'berth:GetCallerIdentity',
      'berth:IssueRegistryToken',
    ])
      for (const resource of [runtime, own, '*']) assert.equal(isAllowed(action, resource), false, action);
  });

  it('is told what it may not do', () => {
    verifies('role:limited');
    const { refusal } = rolePermission(role, 'ListAgentRuntimes', '*');
    assert.match(
      refusal('bedrock-agentcore:ListAgentRuntimes'),
      /role\/service-role\/agent of agent runtime echo-AbCdEf1234 is not authorized to perform bedrock-agentcore:ListAgentRuntimes on \*/,
    );
  });
});

function isAllowed(action: string, resource: string): boolean {
  return rolePermission(role, action, resource).isAllowed;
}
