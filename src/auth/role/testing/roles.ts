import type { AccountId, RuntimeId, SandboxId, SessionId } from '../../../shared/ids.ts';
import type { RolePrincipal } from '../../principal.ts';

/** The role of one incarnation of a session. */
export function testRole(changes: Partial<RolePrincipal> = {}): RolePrincipal {
  return {
    kind: 'role',
    accountId: '111122223333' as AccountId,
    region: 'us-east-1',
    roleArn: 'arn:aws:iam::111122223333:role/service-role/agent',
    workload: 'echo-AbCdEf1234',
    runtimeId: 'echo-AbCdEf1234' as RuntimeId,
    sessionId: 'session-of-at-least-33-characters-1' as SessionId,
    incarnation: 1,
    sandboxId: 'sb-aaaaaaaaaaaaaaaaaaaa' as SandboxId,
    ...changes,
  };
}

export const testSecret = Buffer.alloc(32, 7);
