import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { after, afterEach, before, describe, it } from 'node:test';

import { verifies } from '../../../../test/requirements.ts';
import { runCommand } from '../run-command.ts';
import type { NetworkPool } from './network-pool.ts';
import { removeNetwork } from './network-setup.ts';
import { createTestNetwork } from './testing/network-probes.ts';

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
