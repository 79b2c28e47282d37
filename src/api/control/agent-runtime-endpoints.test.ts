import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import { caller, controlFixture, failure, readyRuntime, settingsOf } from './testing/control-fixture.ts';

test('DEFAULT appears with the runtime and follows the newest version', async () => {
  verifies('control:default-endpoint', 'control:every-operation');
  await using fixture = await controlFixture();
  const { operations, preparation } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  const endpointName = 'DEFAULT';
  const first = await operations.GetAgentRuntimeEndpoint({ agentRuntimeId, endpointName }, caller);
  assert.deepEqual([first.name, first.id, first.status], ['DEFAULT', agentRuntimeId, 'READY']);
  assert.deepEqual([first.liveVersion, first.targetVersion], ['1', '1']);

  preparation.hold('echo:v2');
  await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v2') }, caller);
  const during = await operations.GetAgentRuntimeEndpoint({ agentRuntimeId, endpointName }, caller);
  assert.deepEqual([during.status, during.liveVersion, during.targetVersion], ['UPDATING', '1', '2']);
  preparation.release('echo:v2');
  await fixture.settle();
  const after = await operations.GetAgentRuntimeEndpoint({ agentRuntimeId, endpointName }, caller);
  assert.deepEqual([after.status, after.liveVersion, after.targetVersion], ['READY', '2', '2']);
});

test('after a failed update DEFAULT keeps serving the last good version', async () => {
  verifies('control:default-survives-failure', 'control:invocation-target');
  await using fixture = await controlFixture();
  const { operations, preparation, targets, store } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  preparation.answer('echo:bad', new BerthError('validation', 'The image has no linux/amd64 platform.'));
  await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:bad') }, caller);
  await fixture.settle();

  const runtime = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.equal(runtime.status, 'UPDATE_FAILED');
  assert.equal(runtime.failureReason, 'The image has no linux/amd64 platform.');
  const endpoint = await operations.GetAgentRuntimeEndpoint(
    { agentRuntimeId, endpointName: 'DEFAULT' },
    caller,
  );
  assert.deepEqual(
    [endpoint.status, endpoint.liveVersion, endpoint.targetVersion],
    ['UPDATE_FAILED', '1', '2'],
  );
  assert.equal(endpoint.failureReason, 'The image has no linux/amd64 platform.');
  const found = await store.findRuntimeByName(caller.principal, 'echo');
  assert.ok(found);
  assert.equal((await targets.find(caller.principal, found.id, 'DEFAULT')).version.version, 1);
});

test('DEFAULT cannot be created, updated or deleted by hand', async () => {
  verifies('control:default-endpoint');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  const DEFAULT = { agentRuntimeId, endpointName: 'DEFAULT' };
  await assert.rejects(
    operations.CreateAgentRuntimeEndpoint({ agentRuntimeId, name: 'DEFAULT' }, caller),
    failure('conflict', /already/),
  );
  await assert.rejects(
    operations.UpdateAgentRuntimeEndpoint({ ...DEFAULT, agentRuntimeVersion: '1' }, caller),
    failure('conflict', /by itself/),
  );
  await assert.rejects(
    operations.DeleteAgentRuntimeEndpoint(DEFAULT, caller),
    failure('conflict', /by itself/),
  );
});

test('a named endpoint stays on its version until it is updated', async () => {
  verifies('control:named-endpoints-stay', 'control:every-operation');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  const created = await operations.CreateAgentRuntimeEndpoint(
    { agentRuntimeId, name: 'prod', description: 'For customers' },
    caller,
  );
  assert.deepEqual([created.status, created.targetVersion, created.endpointName], ['CREATING', '1', 'prod']);
  assert.equal(created.agentRuntimeEndpointArn, `${created.agentRuntimeArn}/runtime-endpoint/prod`);
  await fixture.settle();
  await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v2') }, caller);
  await fixture.settle();
  const prod = { agentRuntimeId, endpointName: 'prod' };
  const stayed = await operations.GetAgentRuntimeEndpoint(prod, caller);
  assert.deepEqual([stayed.status, stayed.liveVersion, stayed.targetVersion], ['READY', '1', '1']);

  const updated = await operations.UpdateAgentRuntimeEndpoint({ ...prod, agentRuntimeVersion: '2' }, caller);
  assert.deepEqual([updated.status, updated.liveVersion, updated.targetVersion], ['UPDATING', '1', '2']);
  await fixture.settle();
  const moved = await operations.GetAgentRuntimeEndpoint(prod, caller);
  assert.deepEqual([moved.status, moved.liveVersion, moved.targetVersion], ['READY', '2', '2']);
  assert.equal(moved.description, 'For customers');
});

test('an endpoint made for a version in preparation is CREATING until that is READY', async () => {
  verifies('control:named-endpoints-stay');
  await using fixture = await controlFixture();
  const { operations, preparation } = fixture;
  preparation.hold('echo:v1');
  const { agentRuntimeId } = await operations.CreateAgentRuntime(
    { agentRuntimeName: 'echo', ...settingsOf('echo:v1') },
    caller,
  );
  await operations.CreateAgentRuntimeEndpoint({ agentRuntimeId, name: 'prod' }, caller);
  await fixture.clock.advance(1_000);
  const prod = { agentRuntimeId, endpointName: 'prod' };
  const waiting = await operations.GetAgentRuntimeEndpoint(prod, caller);
  assert.deepEqual([waiting.status, waiting.liveVersion], ['CREATING', undefined]);
  await assert.rejects(operations.DeleteAgentRuntimeEndpoint(prod, caller), failure('conflict', /CREATING/));
  preparation.release('echo:v1');
  await fixture.settle();
  assert.equal((await operations.GetAgentRuntimeEndpoint(prod, caller)).liveVersion, '1');
});

test('an endpoint cannot point at a version that is not there or has failed', async () => {
  verifies('control:endpoint-needs-version');
  await using fixture = await controlFixture();
  const { operations, preparation } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  preparation.answer('echo:bad', new BerthError('not-found', 'No such image.'));
  await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:bad') }, caller);
  await fixture.settle();
  const request = { agentRuntimeId, name: 'prod' };
  await assert.rejects(
    operations.CreateAgentRuntimeEndpoint({ ...request, agentRuntimeVersion: '7' }, caller),
    failure('not-found', /no version 7/),
  );
  await assert.rejects(
    operations.CreateAgentRuntimeEndpoint({ ...request, agentRuntimeVersion: '2' }, caller),
    failure('conflict', /UPDATE_FAILED/),
  );
  const created = await operations.CreateAgentRuntimeEndpoint(request, caller);
  assert.equal(created.targetVersion, '1');
});

test('a deleted endpoint is gone at once; too many endpoints are refused', async () => {
  verifies('control:count-quotas');
  await using fixture = await controlFixture({ quotas: { endpointsPerRuntime: 2 } });
  const { operations } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  await operations.CreateAgentRuntimeEndpoint({ agentRuntimeId, name: 'prod' }, caller);
  await fixture.settle();
  await assert.rejects(
    operations.CreateAgentRuntimeEndpoint({ agentRuntimeId, name: 'test' }, caller),
    failure('quota-exceeded', /limit of 2 endpoints/),
  );
  const prod = { agentRuntimeId, endpointName: 'prod' };
  const deleted = await operations.DeleteAgentRuntimeEndpoint(prod, caller);
  assert.deepEqual(deleted, { status: 'DELETING', agentRuntimeId, endpointName: 'prod' });
  await assert.rejects(
    operations.GetAgentRuntimeEndpoint(prod, caller),
    failure('not-found', /no endpoint prod/),
  );
});

test('an endpoint that is pointed back at an old version serves it once its image is unpacked again', async () => {
  verifies('images:water-marks-unpacked');
  await using fixture = await controlFixture();
  const { operations, preparation, store } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v2') }, caller);
  await fixture.settle();
  assert.deepEqual(await store.listServedManifests(), ['sha256:of-echo:v2']);
  const prod = { agentRuntimeId, endpointName: 'prod' };

  await operations.CreateAgentRuntimeEndpoint(
    { agentRuntimeId, name: 'prod', agentRuntimeVersion: '1' },
    caller,
  );
  assert.deepEqual((await store.listServedManifests()).toSorted(), [
    'sha256:of-echo:v1',
    'sha256:of-echo:v2',
  ]);
  await fixture.settle();

  assert.deepEqual(preparation.restored, ['sha256:of-echo:v1']);
  assert.equal((await operations.GetAgentRuntimeEndpoint(prod, caller)).status, 'READY');

  preparation.restoreFailure = new BerthError('not-found', 'Its layers are gone.');
  await operations.UpdateAgentRuntimeEndpoint({ ...prod, agentRuntimeVersion: '2' }, caller);
  await fixture.settle();
  const failed = await operations.GetAgentRuntimeEndpoint(prod, caller);
  assert.deepEqual(
    [failed.status, failed.liveVersion, failed.failureReason],
    ['UPDATE_FAILED', '1', 'Its layers are gone.'],
  );
});
