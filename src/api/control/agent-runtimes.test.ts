import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { BerthError } from '../../shared/errors.ts';
import {
  caller,
  contextOf,
  controlFixture,
  failure,
  readyRuntime,
  settingsOf,
} from './testing/control-fixture.ts';

test('a runtime is CREATING while its image is prepared, then READY on the digest found', async () => {
  verifies('control:every-operation', 'control:creating', 'control:digest-pinned');
  await using fixture = await controlFixture();
  const { operations, preparation, store } = fixture;
  preparation.hold('echo:v1');
  const created = await operations.CreateAgentRuntime(
    { agentRuntimeName: 'echo', ...settingsOf('echo:v1'), description: 'Says it again' },
    caller,
  );
  const { agentRuntimeId } = created;
  assert.match(agentRuntimeId, /^echo-[a-zA-Z0-9]{10}$/);
  assert.equal(
    created.agentRuntimeArn,
    `arn:aws:bedrock-agentcore:us-east-1:111122223333:runtime/${agentRuntimeId}`,
  );
  assert.equal(created.agentRuntimeVersion, '1');
  assert.equal(created.status, 'CREATING');
  assert.equal((await operations.GetAgentRuntime({ agentRuntimeId }, caller)).status, 'CREATING');

  preparation.release('echo:v1');
  await fixture.settle();
  const shown = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.equal(shown.status, 'READY');
  assert.equal(shown.description, 'Says it again');
  assert.deepEqual(shown.agentRuntimeArtifact, { containerConfiguration: { containerUri: 'echo:v1' } });
  assert.deepEqual(shown.protocolConfiguration, { serverProtocol: 'HTTP' });
  const version = await store.findVersion(await idOf(fixture), 1);
  assert.equal(version?.artifact.manifest, 'sha256:of-echo:v1');
});

test('a runtime whose image cannot be had is CREATE_FAILED with the reason, and an update mends it', async () => {
  verifies('control:create-failed');
  await using fixture = await controlFixture();
  const { operations, preparation } = fixture;
  preparation.answer('nope:v1', new BerthError('not-found', 'There is no image nope:v1.'));
  const agentRuntimeId = await readyRuntime(fixture, 'echo', 'nope:v1');
  const shown = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.equal(shown.status, 'CREATE_FAILED');
  assert.equal(shown.failureReason, 'There is no image nope:v1.');
  assert.deepEqual(preparation.prepared, ['nope:v1']);

  await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v1') }, caller);
  await fixture.settle();
  const mended = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.deepEqual(
    [mended.status, mended.agentRuntimeVersion, mended.failureReason],
    ['READY', '2', undefined],
  );
});

test('a registry that does not answer at first is asked again', async () => {
  verifies('control:passing-failure');
  await using fixture = await controlFixture();
  const { operations, preparation, clock } = fixture;
  const silent = new BerthError('unavailable', 'registry.example does not answer.');
  preparation.answer('echo:v1', silent, silent, { manifest: 'sha256:abc' });
  const agentRuntimeId = await readyRuntime(fixture);
  assert.equal((await operations.GetAgentRuntime({ agentRuntimeId }, caller)).status, 'CREATING');
  await clock.advance(10_000);
  await fixture.settle();
  assert.equal((await operations.GetAgentRuntime({ agentRuntimeId }, caller)).status, 'READY');
});

test('a registry that never answers makes the runtime fail in the end', async () => {
  verifies('control:passing-failure', 'control:create-failed');
  await using fixture = await controlFixture();
  const { operations, preparation, clock } = fixture;
  preparation.answer('echo:v1', new BerthError('unavailable', 'registry.example does not answer.'));
  const agentRuntimeId = await readyRuntime(fixture);
  await clock.advance(60_000);
  await fixture.settle();
  const shown = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.deepEqual(
    [shown.status, shown.failureReason],
    ['CREATE_FAILED', 'registry.example does not answer.'],
  );
});

test('an image that takes longer than half an hour has failed', async () => {
  await using fixture = await controlFixture();
  const { operations, preparation, clock, preparer, store } = fixture;
  preparation.hold('echo:v1');
  const { agentRuntimeId } = await operations.CreateAgentRuntime(
    { agentRuntimeName: 'echo', ...settingsOf('echo:v1') },
    caller,
  );
  await clock.advance(60_000);
  const id = (await store.findRuntimeByName(caller.principal, 'echo'))?.id;
  assert.ok(id);
  assert.deepEqual(preparer.progressOf(id, 1), { phase: 'pulling', done: 1, total: 2 });
  await clock.advance(30 * 60_000);
  await fixture.settle();
  const shown = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.equal(shown.status, 'CREATE_FAILED');
  assert.match(shown.failureReason ?? '', /within 30 minutes/);
});

test('what was being created when the server was killed is finished by the next one', async () => {
  verifies('control:jobs-are-durable');
  const killed = await controlFixture();
  killed.preparation.hold('echo:v1');
  const { agentRuntimeId } = await killed.operations.CreateAgentRuntime(
    { agentRuntimeName: 'echo', ...settingsOf('echo:v1') },
    caller,
  );
  await killed.clock.advance(1);

  await using restarted = await controlFixture({ database: killed.database, clock: killed.clock });
  await restarted.settle();
  const shown = await restarted.operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.equal(shown.status, 'READY');
  assert.deepEqual(restarted.preparation.prepared, ['echo:v1']);
});

test('an update makes a new full version; the old one can still be read', async () => {
  verifies('control:versions');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  await operations.UpdateAgentRuntime(
    { agentRuntimeId, ...settingsOf('echo:v2'), environmentVariables: { MODE: 'loud' }, description: 'two' },
    caller,
  );
  await fixture.settle();
  const updated = await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v3') }, caller);
  assert.deepEqual([updated.status, updated.agentRuntimeVersion], ['UPDATING', '3']);
  await fixture.settle();

  const newest = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  const second = await operations.GetAgentRuntime({ agentRuntimeId, agentRuntimeVersion: '2' }, caller);
  assert.deepEqual(
    [newest.agentRuntimeVersion, newest.status, newest.description],
    ['3', 'READY', undefined],
  );
  assert.deepEqual(newest.environmentVariables, {});
  assert.deepEqual([second.description, second.environmentVariables], ['two', { MODE: 'loud' }]);
  await assert.rejects(
    operations.GetAgentRuntime({ agentRuntimeId, agentRuntimeVersion: '9' }, caller),
    failure('not-found', /no version 9/),
  );
});

test('a name that is taken, and a change in mid-creation, are conflicts', async () => {
  verifies('control:conflicts');
  await using fixture = await controlFixture();
  const { operations, preparation } = fixture;
  preparation.hold('echo:v1');
  const request = { agentRuntimeName: 'echo', ...settingsOf('echo:v1') };
  const { agentRuntimeId } = await operations.CreateAgentRuntime(request, caller);
  await assert.rejects(operations.CreateAgentRuntime(request, caller), failure('conflict', /exists already/));
  await assert.rejects(
    operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v2') }, caller),
    failure('conflict', /CREATING/),
  );
  await operations.DeleteAgentRuntime({ agentRuntimeId }, caller);
  await assert.rejects(
    operations.DeleteAgentRuntime({ agentRuntimeId }, caller),
    failure('conflict', /DELETING/),
  );
});

test('more runtimes or versions than the quota are refused', async () => {
  verifies('control:count-quotas');
  await using fixture = await controlFixture({ quotas: { runtimes: 1, versionsPerRuntime: 1 } });
  const { operations } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  await assert.rejects(
    operations.CreateAgentRuntime({ agentRuntimeName: 'two', ...settingsOf('echo:v1') }, caller),
    failure('quota-exceeded', /limit of 1 agent runtimes/),
  );
  await assert.rejects(
    operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v2') }, caller),
    failure('quota-exceeded', /limit of 1 versions/),
  );
});

test('another account or region neither sees nor changes a runtime, and may use its name', async () => {
  verifies('control:scope');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  for (const other of [contextOf('999999999999', 'us-east-1'), contextOf('111122223333', 'eu-west-1')]) {
    await assert.rejects(operations.GetAgentRuntime({ agentRuntimeId }, other), failure('not-found'));
    await assert.rejects(operations.DeleteAgentRuntime({ agentRuntimeId }, other), failure('not-found'));
    await assert.rejects(
      operations.ListAgentRuntimeEndpoints({ agentRuntimeId }, other),
      failure('not-found'),
    );
    assert.deepEqual((await operations.ListAgentRuntimes({}, other)).agentRuntimes, []);
    await operations.CreateAgentRuntime({ agentRuntimeName: 'echo', ...settingsOf('echo:v1') }, other);
  }
});

async function idOf({ store }: Awaited<ReturnType<typeof controlFixture>>) {
  const runtime = await store.findRuntimeByName(caller.principal, 'echo');
  assert.ok(runtime);
  return runtime.id;
}
