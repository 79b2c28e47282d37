import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { RuntimeId } from '../shared/ids.ts';
import { echo, sessionNamed, storageKeepMs, timelessFixture } from './testing/sessions-fixture.ts';

const sessionStoragePath = '/mnt/data/';

function withStorage() {
  const fixture = timelessFixture();
  fixture.targets.addVersion(echo, 1, { sessionStoragePath });
  return fixture;
}

describe('storage of a session', () => {
  it('is none when its version has none', async () => {
    await using fixture = timelessFixture();
    await fixture.call('plain');
    assert.deepEqual([fixture.driver.starts[0]?.storage, fixture.volumes.volumes.size], [undefined, 0]);
  });

  it('comes back to the same session id after it was stopped, and to no other', async () => {
    verifies('session-storage:comes-back');
    await using fixture = withStorage();
    await fixture.call('a');
    await fixture.call('b');
    await fixture.stop('a');
    await fixture.call('a');
    const [first, other, again] = fixture.driver.starts.map(({ storage }) => storage);
    assert.equal(first?.mountPath, '/mnt/data');
    assert.deepEqual(again, first);
    assert.notEqual(other?.volume, first?.volume);
  });

  it('is another one on another runtime', async () => {
    verifies('session-storage:comes-back');
    await using fixture = withStorage();
    const second = 'second-AbCdEf1234' as RuntimeId;
    fixture.targets.addVersion(second, 1, { sessionStoragePath });
    await fixture.call('a');
    await fixture.call('a', { runtimeId: second });
    assert.equal(new Set(fixture.driver.starts.map(({ storage }) => storage?.volume)).size, 2);
  });

  it('begins empty on another version, and the old files are gone', async () => {
    verifies('session-storage:resets');
    await using fixture = withStorage();
    await fixture.call('a');
    await fixture.stop('a');
    fixture.targets.addVersion(echo, 2, { sessionStoragePath });
    await fixture.call('a');
    const [first, second] = fixture.driver.starts.map(({ storage }) => storage?.volume);
    assert.notEqual(second, first);
    assert.deepEqual([...fixture.volumes.volumes], [second]);
  });

  it('is kept for 14 days after its last use, and as long as its session lives', async () => {
    verifies('session-storage:deleted', 'session-storage:resets');
    await using fixture = timelessFixture();
    fixture.targets.addVersion(echo, 1, { sessionStoragePath, idleTimeoutS: 1e7, maxLifetimeS: 1e7 });
    await fixture.registry.takeCharge();
    await fixture.call('live');
    await fixture.call('ended');
    await fixture.stop('ended');
    const [live, ended] = fixture.driver.starts.map(({ storage }) => storage?.volume);
    await fixture.clock.advance(storageKeepMs - 600_000);
    assert.equal(fixture.volumes.volumes.size, 2);
    await fixture.clock.advance(1_200_000);
    assert.deepEqual([...fixture.volumes.volumes], [live]);
    await fixture.call('ended');
    assert.notEqual(fixture.driver.starts.at(-1)?.storage?.volume, ended);
  });

  it('goes with its runtime, or with its version', async () => {
    verifies('session-storage:deleted');
    await using fixture = withStorage();
    await fixture.call('a');
    await fixture.stop('a');
    fixture.targets.addVersion(echo, 2, { sessionStoragePath });
    await fixture.call('b');
    await fixture.registry.endAll(echo, 1);
    assert.equal(fixture.volumes.volumes.size, 1);
    await fixture.registry.endAll(echo);
    assert.equal(fixture.volumes.volumes.size, 0);
    assert.equal(await fixture.storageStore.find(echo, sessionNamed('b')), undefined);
  });

  it('that belongs to no session is swept away when a server starts', async () => {
    verifies('session-storage:swept');
    await using fixture = withStorage();
    await fixture.call('a');
    await fixture.volumes.create();
    await fixture.restart();
    await fixture.clock.settle();
    assert.deepEqual([...fixture.volumes.volumes], [fixture.driver.starts[0]?.storage?.volume]);
  });

  it('that cannot be made fails the start of its session, which may be tried again', async () => {
    await using fixture = withStorage();
    const { create } = fixture.volumes;
    fixture.volumes.create = async () => {
      throw Object.assign(new Error('full'), { code: 'unavailable' });
    };
    await assert.rejects(fixture.call('a'), /full/);
    fixture.volumes.create = create;
    await fixture.call('a');
  });
});
