import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { after, afterEach, before, describe, it } from 'node:test';

import { verifies } from '../../../../test/requirements.ts';
import { runCommand } from '../run-command.ts';
import type { NetworkPool } from './network-pool.ts';
import { removeNetwork } from './network-setup.ts';
import { createTestNetwork, dnsPort } from './testing/network-probes.ts';

const network = createTestNetwork();
let pool: NetworkPool;

describe('network pool (engine)', () => {
  before(async () => {
    pool = await network.openPool({}, 2);
  });
  afterEach(async () => {
    await pool[Symbol.asyncDispose]();
    pool = await network.openPool({}, 2);
    await pool.sweep(new Set());
  });
  after(async () => {
    await pool[Symbol.asyncDispose]();
    await network[Symbol.asyncDispose]();
  });

  it('gives 30 claims at once 30 namespaces, addresses and links of their own, and nothing is left of them', async () => {
    verifies('sandboxes:network-pool');
    const slots = await Promise.all(Array.from({ length: 30 }, () => pool.claim()));

    assert.equal(new Set(slots.map((slot) => slot.name)).size, 30);
    assert.equal(new Set(slots.map((slot) => slot.address)).size, 30);
    assert.ok(slots.every((slot) => existsSync(slot.namespacePath)));

    await Promise.all(slots.map((slot) => pool.release(slot.name)));
    await pool[Symbol.asyncDispose]();

    assert.deepEqual(await pool.list(), []);
    assert.deepEqual(links(), []);
    assert.equal(
      await runCommand('ip', ['neigh', 'show', 'dev', `bth-${network.tag}`, 'nud', 'permanent']),
      '',
    );
  });

  it('does not give a released address to the next claim', async () => {
    verifies('sandboxes:network-pool');
    const slot = await pool.claim();
    await pool.release(slot.name);
    await pool.release(slot.name);

    const next = await Promise.all(Array.from({ length: 5 }, () => pool.claim()));

    assert.ok(next.every(({ address, name }) => address !== slot.address && name !== slot.name));
  });

  it('adopts what another process left: same subnet, kept slots untouched, the others and lone links removed', async () => {
    verifies('sandboxes:network-adoption');
    const [live, lost] = [await pool.claim(), await pool.claim()];
    const lone = await pool.claim();
    await runCommand('ip', ['netns', 'exec', lone.name, 'true']);
    await runCommand('ip', [
      'link',
      'add',
      `bv${network.tag}-9`,
      'type',
      'veth',
      'peer',
      'name',
      `bx${network.tag}`,
    ]);

    // The pool is never closed, as after kill -9.
    const next = await network.openPool();
    const repaired = await next.sweep(new Set([live.name]));

    assert.equal(repaired.links, 1);
    assert.ok(repaired.namespaces >= 2);
    assert.deepEqual(await next.list(), [live]);
    assert.ok(!existsSync(lost.namespacePath));
    assert.equal((await next.claim()).gateway, live.gateway);
    await next[Symbol.asyncDispose]();
  });

  it('leaves what it has just claimed or prepared alone in a sweep that has not heard of it', async () => {
    const slot = await pool.claim();

    const repaired = await pool.sweep(new Set());

    assert.deepEqual(repaired, { namespaces: 0, links: 0 });
    assert.ok((await pool.list()).some(({ name }) => name === slot.name));
  });

  it('rejects a claim that is aborted and one after it has been closed', async () => {
    await assert.rejects(pool.claim(AbortSignal.abort(new Error('left'))), /left/);
    await pool[Symbol.asyncDispose]();
    await assert.rejects(pool.claim(), { code: 'unavailable' });
  });

  it('refuses a subnet that the machine already uses, and one that is none', async () => {
    await assert.rejects(network.openPool({ subnet: '127.0.0.0/16' }), { code: 'validation' });
    await assert.rejects(network.openPool({ subnet: 'fd00::/64' }), { code: 'validation' });
    await assert.rejects(network.openPool({ allowedCidrs: ['10.0.0.0/40'] }), { code: 'validation' });
  });

  it('will not move to another subnet while sandboxes use the one it has', async () => {
    await pool.claim();

    await assert.rejects(network.openPool({ subnet: '10.214.0.0/24' }), /berth down --sessions/);
  });

  it('says that addresses ran out, and has them again after a release', async () => {
    const small = createTestNetwork();
    const tiny = await small.openPool({ subnet: '10.215.77.0/28' });
    const slots = await Promise.all(Array.from({ length: 13 }, () => tiny.claim()));

    await assert.rejects(tiny.claim(), { code: 'unavailable' });
    await tiny.release(slots[0]?.name ?? '');
    assert.equal((await tiny.claim()).address, slots[0]?.address);

    await tiny[Symbol.asyncDispose]();
    await small[Symbol.asyncDispose]();
  });

  it('leaves rules alone that are there', async () => {
    verifies('network:flushed');
    const tables = async () =>
      (await runCommand('nft', ['-a', 'list', 'tables']))
        .split('\n')
        .filter((line) => line.includes(network.tag));
    const before = await tables();
    await pool.sweep(new Set());
    assert.equal(before.length, 2);
    // A table that is made anew has another handle.
    assert.deepEqual(await tables(), before);
  });

  it('resumed without a pause, or twice, opens nothing a second time', async () => {
    verifies('restart:failed-late');
    await pool.resume();
    await pool.pause();
    await pool.resume();
    await pool.resume();
    await pool.pause();
    const slot = (await pool.list())[0];
    const server = createServer();
    // Not shared with a name server that is still there.
    await once(server.listen(dnsPort, slot?.gateway), 'listening');
    await new Promise((closed) => server.close(closed));
    await pool.resume();
  });

  it('after a handover that failed has its own rules, and takes no address that the other process took', async () => {
    verifies('restart:failed-late');
    const small = createTestNetwork();
    const subnet = '10.215.78.0/28';
    const own = await small.openPool({ subnet });
    const rules = () => runCommand('nft', ['-s', '-t', 'list', 'table', 'inet', `berth_${small.tag}`]);
    const before = await rules();
    await own.pause();
    const other = await small.openPool({ subnet, egress: false });
    const theirs = await other.claim();
    await other.confine(theirs.name, { kind: 'off' });
    assert.notEqual(await rules(), before);
    // As much of it as is left of a process that was killed.
    await other.pause();

    await own.resume();

    assert.equal(await rules(), before);
    const slots = await Promise.all(Array.from({ length: 12 }, () => own.claim()));
    assert.ok(slots.every(({ address }) => address !== theirs.address));
    await assert.rejects(own.claim(), /All 13 network addresses of this server are in use/);
    const policies = ['list', 'map', 'inet', `berth_${small.tag}`, 'policies'];
    assert.ok((await runCommand('nft', policies)).includes(theirs.address));
    await own.release(theirs.name);
    assert.ok(!(await runCommand('nft', policies)).includes(theirs.address), 'its policy went with it');
    await own[Symbol.asyncDispose]();
    await small[Symbol.asyncDispose]();
  });

  it('removes a whole network: namespaces, links, bridge and rules', async () => {
    const other = createTestNetwork();
    const open = await other.openPool();
    await open.claim();
    await open[Symbol.asyncDispose]();

    await removeNetwork(other.tag);
    await removeNetwork(other.tag);

    assert.ok(!readdirSync('/sys/class/net').some((name) => name.includes(other.tag)));
    assert.ok(!readdirSync('/run/netns').some((name) => name.includes(other.tag)));
    assert.ok(!(await runCommand('nft', ['list', 'tables'])).includes(other.tag));
    await other[Symbol.asyncDispose]();
  });
});

function links(): string[] {
  return readdirSync('/sys/class/net').filter((name) => name.startsWith(`bv${network.tag}`));
}
