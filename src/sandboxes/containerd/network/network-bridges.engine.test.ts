import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';

import { verifies } from '../../../../test/requirements.ts';
import type { NetworkPool, NetworkSlot } from './network-pool.ts';
import { connect, createTestNetwork, internalPort, listen, serve } from './testing/network-probes.ts';

const agentPort = 8_080;
/** For an answer that is not to come. */
const briefS = 2;
const slotCount = 1_100;
const network = createTestNetwork();
const subnet = `10.${randomInt(220, 250)}.${randomInt(0, 15) * 16}.0/20`;
const disposables = new AsyncDisposableStack();
let pool: NetworkPool;
let slots: readonly NetworkSlot[];

describe('more sandboxes than a bridge has ports for (engine)', { timeout: 900_000 }, () => {
  before(async () => {
    disposables.use(network);
    disposables.defer(() => pool[Symbol.asyncDispose]());
    pool = await network.openPool({ subnet });
    slots = await Promise.all(Array.from({ length: slotCount }, () => pool.claim()));
    disposables.use(await listen(internalPort));
  });
  after(() => disposables.disposeAsync());

  it('have namespaces and addresses of their own, and all reach the internal listener', async () => {
    verifies('network:many-bridges');
    assert.equal(new Set(slots.map(({ address }) => address)).size, slotCount);
    assert.ok(slots.every(({ namespacePath }) => existsSync(namespacePath)));
    assert.equal(bridges().length, 2);
    const reached = slots.filter((_, i) => i % 50 === 0 || i === slotCount - 1);
    for (const { namespacePath, gateway, address } of reached)
      assert.equal(await connect(namespacePath, gateway, internalPort), `open ${address}`);
  });

  it('are reached by the host on every bridge, and reach none on another', async () => {
    verifies('network:many-bridges', 'sandboxes:no-sandbox-to-sandbox');
    const [one, other] = [slots[0], slots.at(-1)];
    assert.ok(one && other);
    assert.notEqual(bridgeOf(one), bridgeOf(other));
    for (const { namespacePath } of [one, other]) disposables.use(await serve(namespacePath, agentPort));

    for (const slot of [one, other])
      assert.equal(await connect('/proc/self/ns/net', slot.address, agentPort), `open ${slot.gateway}`);
    assert.match(await connect(one.namespacePath, other.address, agentPort, briefS), closed);
    assert.match(await connect(other.namespacePath, one.address, agentPort, briefS), closed);
  });

  it('are adopted by the next process, and nothing is left of them', async () => {
    verifies('network:many-bridges');
    // With nothing prepared a pool that is closed leaves the same as one that was killed.
    await pool[Symbol.asyncDispose]();
    pool = await network.openPool({ subnet });
    const kept = slots.slice(-3);
    const removed = await pool.sweep(new Set(kept.map(({ name }) => name)));
    assert.equal(removed.namespaces, slotCount - kept.length);
    assert.deepEqual(new Set(await pool.list()), new Set(kept));

    for (const { name } of kept) await pool.release(name);
    await network[Symbol.asyncDispose]();
    const left = [...readdirSync('/sys/class/net'), ...readdirSync('/run/netns')];
    assert.deepEqual(
      left.filter((name) => name.includes(network.tag)),
      [],
    );
  });
});

const closed = /^(refused|unreachable|silence)$/;

function bridges(): readonly string[] {
  return readdirSync('/sys/class/net').filter((name) => name.startsWith(`bth-${network.tag}`));
}

function bridgeOf({ name }: NetworkSlot): string {
  const link = `bv${network.tag}-${name.split('-')[2]}`;
  return bridges().find((bridge) => existsSync(`/sys/class/net/${bridge}/brif/${link}`)) ?? '';
}
