import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { caller, controlFixture, failure, readyRuntime, settingsOf } from './testing/control-fixture.ts';

test('a deleted runtime is DELETING while its sessions end, and then gone with all it had', async () => {
  verifies('control:delete-ends-sessions', 'control:own-identity', 'control:invocation-target');
  await using fixture = await controlFixture();
  const { operations, sessions, targets, store, database, preparation } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  const runtime = await store.findRuntimeByName(caller.principal, 'echo');
  assert.ok(runtime);
  await operations.CreateAgentRuntimeEndpoint({ agentRuntimeId, name: 'prod', tags: { a: 'b' } }, caller);
  await fixture.settle();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  sessions.endAll = () => ended;

  const deleted = await operations.DeleteAgentRuntime({ agentRuntimeId }, caller);
  assert.deepEqual(deleted, { status: 'DELETING', agentRuntimeId });
  assert.equal((await operations.GetAgentRuntime({ agentRuntimeId }, caller)).status, 'DELETING');
  await assert.rejects(
    targets.find(caller.principal, runtime.id, 'DEFAULT'),
    failure('not-found', /DELETING/),
  );
  await assert.rejects(
    operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf('echo:v2') }, caller),
    failure('conflict', /DELETING/),
  );
  end();
  await fixture.settle();

  await assert.rejects(operations.GetAgentRuntime({ agentRuntimeId }, caller), failure('not-found'));
  await assert.rejects(
    operations.GetWorkloadIdentity({ name: runtime.workloadIdentityName }, caller),
    failure('not-found'),
  );
  for (const table of ['runtime_versions', 'runtime_endpoints', 'tags', 'jobs'] as const) {
    assert.deepEqual(await database.selectFrom(table).selectAll().execute(), []);
  }
  assert.deepEqual(preparation.forgotten, ['sha256:of-echo:v1']);
});

test('an image that another runtime uses is kept', async () => {
  verifies('control:delete-ends-sessions');
  await using fixture = await controlFixture();
  const first = await readyRuntime(fixture, 'first', 'echo:v1');
  const second = await readyRuntime(fixture, 'second', 'echo:v1');
  await fixture.operations.DeleteAgentRuntime({ agentRuntimeId: first }, caller);
  await fixture.settle();
  assert.deepEqual(fixture.preparation.forgotten, []);
  await fixture.operations.DeleteAgentRuntime({ agentRuntimeId: second }, caller);
  await fixture.settle();
  assert.deepEqual(fixture.preparation.forgotten, ['sha256:of-echo:v1']);
});

test('an image is not forgotten while another runtime may be about to use it', async () => {
  await using fixture = await controlFixture();
  const { operations, preparation } = fixture;
  const agentRuntimeId = await readyRuntime(fixture, 'first', 'echo:v1');
  preparation.answer('same:v1', { manifest: 'sha256:of-echo:v1' });
  preparation.hold('same:v1');
  await operations.CreateAgentRuntime({ agentRuntimeName: 'second', ...settingsOf('same:v1') }, caller);
  await operations.DeleteAgentRuntime({ agentRuntimeId }, caller);
  await fixture.clock.advance(10_000);
  preparation.release('same:v1');
  await fixture.clock.advance(60_000);
  await fixture.settle();
  assert.deepEqual(preparation.forgotten, []);
});

test('a runtime that is being made can be deleted, and its preparation is given up', async () => {
  verifies('control:delete-while-creating');
  await using fixture = await controlFixture();
  const { operations, preparation, database } = fixture;
  preparation.hold('never:v1');
  const settings = settingsOf('never:v1');
  const { agentRuntimeId } = await operations.CreateAgentRuntime(
    { agentRuntimeName: 'never', ...settings },
    caller,
  );
  await fixture.clock.advance(1_000);
  assert.deepEqual(preparation.prepared, ['never:v1']);

  const deleted = await operations.DeleteAgentRuntime({ agentRuntimeId }, caller);
  assert.equal(deleted.status, 'DELETING');
  await fixture.settle();

  await assert.rejects(operations.GetAgentRuntime({ agentRuntimeId }, caller), failure('not-found'));
  assert.deepEqual(await database.selectFrom('jobs').selectAll().execute(), []);
});

test('a runtime whose sessions cannot be ended is DELETE_FAILED, and deleting it again works', async () => {
  verifies('control:delete-failed');
  await using fixture = await controlFixture();
  const { operations, sessions, clock } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  const endAll = sessions.endAll;
  sessions.endAll = () => Promise.reject(new Error('containerd does not answer'));
  await operations.DeleteAgentRuntime({ agentRuntimeId }, caller);
  await clock.advance(20_000);
  const failed = await operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.equal(failed.status, 'DELETE_FAILED');
  assert.match(failed.failureReason ?? '', /containerd does not answer/);
  sessions.endAll = endAll;
  await operations.DeleteAgentRuntime({ agentRuntimeId }, caller);
  await fixture.settle();
  await assert.rejects(operations.GetAgentRuntime({ agentRuntimeId }, caller), failure('not-found'));
});

test('one version goes with its sessions, unless it is the newest or an endpoint points at it', async () => {
  verifies('control:delete-version');
  await using fixture = await controlFixture();
  const { operations, endedSessions, preparation } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  for (const image of ['echo:v2', 'echo:v3']) {
    await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf(image) }, caller);
    await fixture.settle();
  }
  await operations.CreateAgentRuntimeEndpoint(
    { agentRuntimeId, name: 'prod', agentRuntimeVersion: '2' },
    caller,
  );
  await fixture.settle();
  const remove = (agentRuntimeVersion: string) =>
    operations.DeleteAgentRuntime({ agentRuntimeId, agentRuntimeVersion }, caller);

  await assert.rejects(remove('3'), failure('conflict', /newest/));
  await assert.rejects(remove('2'), failure('conflict', /prod/));
  await assert.rejects(remove('8'), failure('not-found'));
  assert.deepEqual(await remove('1'), { status: 'DELETING', agentRuntimeId, agentRuntimeVersion: '1' });
  await fixture.settle();

  assert.ok(endedSessions.includes(`${agentRuntimeId} 1`));
  assert.deepEqual(preparation.forgotten, ['sha256:of-echo:v1']);
  const { agentRuntimes } = await operations.ListAgentRuntimeVersions({ agentRuntimeId }, caller);
  assert.deepEqual(
    agentRuntimes.map((version) => version.agentRuntimeVersion),
    ['2', '3'],
  );
});
