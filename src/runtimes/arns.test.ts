import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { BerthError } from '../shared/errors.ts';
import type { AccountId } from '../shared/ids.ts';
import {
  endpointArn,
  parseResourceArn,
  parseRuntimeId,
  parseRuntimeReference,
  runtimeArn,
  workloadIdentityArn,
} from './arns.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
const runtimeId = parseRuntimeId('my_agent-AbCdEf1234');

test('a runtime is found by its ARN, by an ARN of its endpoint, and by its bare id', () => {
  verifies('control:arns');
  assert.deepEqual(parseRuntimeReference(runtimeArn(scope, runtimeId)), {
    runtimeId,
    scope,
    endpointName: undefined,
  });
  assert.deepEqual(parseRuntimeReference(endpointArn(scope, runtimeId, 'prod')), {
    runtimeId,
    scope,
    endpointName: 'prod',
  });
  assert.deepEqual(parseRuntimeReference(runtimeId), {
    runtimeId,
    scope: undefined,
    endpointName: undefined,
  });
});

test('an ARN of an identity and of a kind that is not built are told apart', () => {
  const identity = parseResourceArn(workloadIdentityArn(scope, 'a.b_c-d'));
  assert.deepEqual(identity, { kind: 'workload-identity', scope, name: 'a.b_c-d' });
  assert.deepEqual(
    parseResourceArn('arn:aws-cn:bedrock-agentcore:us-east-1:111122223333:memory/m-0123456789'),
    {
      kind: 'other',
      scope,
    },
  );
});

test('anything else is refused and not repeated without end', () => {
  verifies('control:arns');
  const malformed = [
    '',
    'my_agent',
    'arn:aws:bedrock-agentcore:us-east-1:1111:runtime/my_agent-AbCdEf1234',
    'arn:aws:s3:us-east-1:111122223333:runtime/my_agent-AbCdEf1234',
    `${runtimeArn(scope, runtimeId)}\n`,
    `${runtimeArn(scope, runtimeId)}/runtime-endpoint/`,
    workloadIdentityArn(scope, 'worker'),
    'x'.repeat(10_000),
  ];
  for (const text of malformed) {
    assert.throws(
      () => parseRuntimeReference(text),
      (error) => error instanceof BerthError && error.code === 'validation' && error.message.length < 500,
      text,
    );
  }
});
