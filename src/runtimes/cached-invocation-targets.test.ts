import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { AccountId, RuntimeId } from '../shared/ids.ts';
import { createCachedInvocationTargets } from './cached-invocation-targets.ts';
import type { Runtime, RuntimeEndpoint, RuntimeVersion } from './runtime.ts';
import { sampleVersion } from './testing/sample-version.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
const runtimeId = 'echo-0123456789' as RuntimeId;
const times = { createdAtMs: 0, lastUpdatedAtMs: 0, failureReason: undefined };

test('a second call reads nothing, and a change is seen at once', async () => {
  verifies('control:invocation-target');
  const store = new FakeReads();
  const targets = createCachedInvocationTargets(store);
  assert.equal((await targets.find(scope, runtimeId, 'DEFAULT')).version.version, 1);
  assert.equal((await targets.find(scope, runtimeId, 'DEFAULT')).version.version, 1);
  assert.equal((await targets.findVersion(runtimeId, 1))?.version, 1);
  assert.equal(store.reads, 3);
  store.change({ liveVersion: 2 });
  assert.equal((await targets.find(scope, runtimeId, 'DEFAULT')).version.version, 2);
  assert.equal(store.reads, 6);
});

test('a read that a change overtakes is not remembered', async () => {
  const store = new FakeReads();
  const targets = createCachedInvocationTargets(store);
  const slow = targets.find(scope, runtimeId, 'DEFAULT');
  store.change({ liveVersion: 2 });
  await slow;
  assert.equal((await targets.find(scope, runtimeId, 'DEFAULT')).version.version, 2);
});

test('unknown runtimes and endpoints, and those of others, are not found', async () => {
  verifies('control:invocation-target', 'control:scope');
  const targets = createCachedInvocationTargets(new FakeReads());
  const unknown = 'nope-0123456789' as RuntimeId;
  const notFound = { code: 'not-found' };
  await assert.rejects(targets.find(scope, unknown, 'DEFAULT'), notFound);
  await assert.rejects(targets.find(scope, runtimeId, 'prod'), notFound);
  await assert.rejects(targets.find({ ...scope, region: 'eu-west-1' }, runtimeId, 'DEFAULT'), notFound);
});

test('an endpoint without a live version says why', async () => {
  const store = new FakeReads();
  store.change({ liveVersion: undefined, status: 'CREATE_FAILED', failureReason: 'No such image.' });
  const targets = createCachedInvocationTargets(store);
  await assert.rejects(targets.find(scope, runtimeId, 'DEFAULT'), {
    code: 'validation',
    message: /CREATE_FAILED and has no version to serve\. Reason: No such image\./,
  });
});

test("a runtime's options are read once, and anew after a change", async () => {
  verifies('sandbox-options:at-once');
  const store = new FakeReads();
  store.tags = { 'berth:cpus': '0.5', team: 'red' };
  const targets = createCachedInvocationTargets(store);
  assert.deepEqual(await targets.findOptions(runtimeId), { cpus: 0.5 });
  store.tags = { 'berth:cpus': '2' };
  assert.deepEqual(await targets.findOptions(runtimeId), { cpus: 0.5 });
  store.change({});
  assert.deepEqual(await targets.findOptions(runtimeId), { cpus: 2 });
  store.tags = { 'berth:cpus': '1' };
  targets.forgetAll();
  assert.deepEqual(await targets.findOptions(runtimeId), { cpus: 1 }, 'another server may have changed it');
  assert.deepEqual(await targets.findOptions('nope-0123456789' as RuntimeId), {});
});

class FakeReads {
  reads = 0;
  tags: Readonly<Record<string, string>> = {};
  #endpoint: RuntimeEndpoint = {
    ...times,
    runtimeId,
    name: 'DEFAULT',
    status: 'READY',
    liveVersion: 1,
    targetVersion: 1,
    description: undefined,
  };
  #listener: (runtimeId: RuntimeId) => void = () => {};

  change(endpoint: Partial<RuntimeEndpoint>): void {
    this.#endpoint = { ...this.#endpoint, ...endpoint };
    this.#listener(runtimeId);
  }

  onChange(listener: (runtimeId: RuntimeId) => void): () => void {
    this.#listener = listener;
    return () => void (this.#listener = () => {});
  }

  async listTags(): Promise<Readonly<Record<string, string>>> {
    this.reads += 1;
    return this.tags;
  }

  async findRuntime(id: RuntimeId): Promise<Runtime | undefined> {
    this.reads += 1;
    const name = 'echo';
    const versions = { newestVersion: 2, servedVersion: 2, workloadIdentityName: id };
    return id === runtimeId ? { ...scope, ...times, ...versions, id, name, status: 'READY' } : undefined;
  }

  async findEndpoint(_: RuntimeId, name: string): Promise<RuntimeEndpoint | undefined> {
    this.reads += 1;
    return name === 'DEFAULT' ? this.#endpoint : undefined;
  }

  async findVersion(id: RuntimeId, version: number): Promise<RuntimeVersion | undefined> {
    this.reads += 1;
    return sampleVersion(id, version);
  }
}
