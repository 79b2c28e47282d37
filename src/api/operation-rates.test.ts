import assert from 'node:assert/strict';
import { it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { loadServiceOperations } from './model/service-operation.ts';
import { rateOf } from './operation-rates.ts';

const rates = {
  ...{ controlMutationRate: 1, controlGetRate: 2, controlListRate: 3, invocationRate: 4 },
  ...{ identityControlRate: 5, identityReadRate: 6, identityCompletionRate: 7 },
};

function rateOfNamed(name: string) {
  const operation = loadServiceOperations().find((one) => one.name === name) ?? assert.fail(name);
  const { bucket, perSecond } = rateOf(operation, rates);
  return [bucket, perSecond];
}

it("each operation of Identity has its own rate, and Runtime's of a kind share one", () => {
  verifies('identity:rates', 'wire:rate-quotas');
  for (const name of ['CreateWorkloadIdentity', 'ListApiKeyCredentialProviders', 'SetTokenVaultCMK'])
    assert.deepEqual(rateOfNamed(name), [name, 5]);
  for (const name of ['GetWorkloadAccessTokenForJWT', 'GetResourceApiKey', 'GetResourceOauth2Token'])
    assert.deepEqual(rateOfNamed(name), [name, 6]);
  assert.deepEqual(rateOfNamed('CompleteResourceTokenAuth'), ['CompleteResourceTokenAuth', 7]);
  for (const name of ['CreateAgentRuntime', 'TagResource'])
    assert.deepEqual(rateOfNamed(name), ['mutation', 1]);
  assert.deepEqual(rateOfNamed('GetAgentRuntime'), ['get', 2]);
  assert.deepEqual(rateOfNamed('ListAgentRuntimes'), ['list', 3]);
  assert.deepEqual(rateOfNamed('StopRuntimeSession'), ['data', 4]);
});
