import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';

import { verifies } from '../../../../test/requirements.ts';
import { parseAllowedDestination } from '../../../shared/allowed-destination.ts';
import type { EgressPolicy } from '../../egress-policy.ts';
import { runCommand } from '../run-command.ts';
import type { NetworkPool, NetworkSlot } from './network-pool.ts';
import type { Neighbour } from './testing/network-probes.ts';
import {
  connect,
  createNeighbour,
  createTestNetwork,
  internalPort,
  listen,
  serve,
} from './testing/network-probes.ts';

const agentPort = 8_080;
const otherPort = 8_081;
const hostPort = internalPort + 5;
const network = createTestNetwork();
const disposables = new AsyncDisposableStack();
let pool: NetworkPool;
/** A machine with a private address, and one with a public address. */
let lan: Neighbour;
let internet: Neighbour;

describe('egress of one sandbox (engine)', () => {
  before(async () => {
    disposables.use(network);
    disposables.defer(() => pool[Symbol.asyncDispose]());
    pool = await network.openPool({ allowedHostPorts: [hostPort] });
    lan = disposables.use(await createNeighbour('192.168.213'));
    internet = disposables.use(await createNeighbour('203.0.113'));
    for (const place of [lan, internet]) {
      for (const port of [agentPort, otherPort]) disposables.use(await serve(place.namespacePath, port));
    }
    for (const port of [internalPort, hostPort]) disposables.use(await listen(port));
  });
  after(() => disposables.disposeAsync());

  it('is nothing but the internal listener when it is off', async () => {
    verifies('network:egress-off');
    await reopen({ allowedCidrs: [`${lan.address}/32`], allowedHostPorts: [hostPort] });
    const open = await confined({ kind: 'default' });
    const off = await confined({ kind: 'off' });

    for (const [address, port] of [
      [lan.address, agentPort],
      [internet.address, agentPort],
      [open.gateway, hostPort],
    ] as const) {
      assert.match(await connect(open.namespacePath, address, port), /^open /, address);
      assert.equal(await connect(off.namespacePath, address, port), 'refused', address);
    }
    assert.match(await connect(off.namespacePath, off.gateway, internalPort), /^open /);
    assert.deepEqual(pool.nameservers({ kind: 'off' }), []);
    await reopen({});
  });

  it('can be on where the server has it off', async () => {
    verifies('network:egress-on');
    await reopen({ egress: false });
    const usual = await confined({ kind: 'default' });
    const on = await confined({ kind: 'on' });

    assert.equal(await connect(usual.namespacePath, internet.address, agentPort), 'refused');
    assert.match(await connect(on.namespacePath, internet.address, agentPort), /^open /);
    assert.equal(await connect(on.namespacePath, lan.address, agentPort), 'refused');
    await reopen({});
  });

  it('is the ranges and ports of its allow-list', async () => {
    verifies('network:allow-list');
    const whole = await confined(allowing(internet.address));
    const onePort = await confined(allowing(`203.0.113.0/24:${otherPort}`));
    const none = await confined(allowing('198.51.100.0/24'));

    const reached = async ({ namespacePath }: NetworkSlot) => [
      (await connect(namespacePath, internet.address, agentPort)).startsWith('open'),
      (await connect(namespacePath, internet.address, otherPort)).startsWith('open'),
    ];
    assert.deepEqual(await reached(whole), [true, true]);
    assert.deepEqual(await reached(onePort), [false, true]);
    assert.deepEqual(await reached(none), [false, false]);
    assert.match(await connect(none.namespacePath, none.gateway, internalPort), /^open /);
  });

  it('opens closed ranges by an allow-list only where the operator does, and ports of the host by its name', async () => {
    verifies('network:allow-list');
    const list = allowing(lan.address, '169.254.169.254');
    const refused = await confined(list);
    assert.equal(await connect(refused.namespacePath, lan.address, agentPort), 'refused');
    assert.equal(await connect(refused.namespacePath, '169.254.169.254', agentPort), 'refused');
    assert.equal(await connect(refused.namespacePath, refused.gateway, hostPort), 'refused');

    await reopen({ allowedCidrs: ['192.168.0.0/16'], allowedHostPorts: [hostPort] });
    const opened = await confined(allowing(lan.address, `host.berth.internal:${hostPort}`));
    const other = await confined(allowing(internet.address));
    assert.match(await connect(opened.namespacePath, lan.address, agentPort), /^open /);
    assert.match(await connect(opened.namespacePath, opened.gateway, hostPort), /^open /);
    assert.equal(await connect(other.namespacePath, lan.address, agentPort), 'refused');
    assert.equal(await connect(other.namespacePath, other.gateway, hostPort), 'refused');
    await reopen({});
  });

  it('is what the rules of its network name, private ranges included, and nothing of the internet', async () => {
    verifies('network:vpc');
    const slot = await confined({
      kind: 'network',
      rules: [
        { range: '192.168.0.0/16', protocol: 'tcp', ports: [otherPort, otherPort] },
        { range: '169.0.0.0/8', protocol: 'any', ports: undefined },
      ],
      nameservers: [],
    });

    assert.match(await connect(slot.namespacePath, lan.address, otherPort), /^open /);
    for (const address of [lan.address, internet.address, '169.254.169.254'])
      assert.equal(await connect(slot.namespacePath, address, agentPort), 'refused', address);
    assert.match(await connect(slot.namespacePath, slot.gateway, internalPort), /^open /);
  });

  it('leaves the places of AWS credentials to the internal listener, whatever it is, and opens nothing else there', async () => {
    verifies('role:reachable');
    const policies: readonly EgressPolicy[] = [
      { kind: 'default' },
      { kind: 'on' },
      { kind: 'off' },
      allowing(internet.address),
      { kind: 'network', rules: [], nameservers: [] },
    ];
    // What the operator opens of a cloud's own service does not lead there by these ports, either.
    await reopen({ allowedCidrs: ['169.254.169.254/32', '169.254.170.2/32'] });
    for (const policy of policies) {
      const slot = await confined(policy);
      for (const address of ['169.254.169.254', '169.254.170.2'])
        assert.equal(await connect(slot.namespacePath, address, 80), `open ${slot.address}`, policy.kind);
    }
    await reopen({});
    const slot = await confined({ kind: 'on' });
    for (const [address, port] of [
      ['169.254.169.254', 443],
      ['169.254.169.254', internalPort],
      ['169.254.169.253', 80],
      ['169.254.170.23', 80],
      ['100.100.100.200', 80],
    ] as const)
      assert.equal(await connect(slot.namespacePath, address, port), 'refused', `${address}:${port}`);
  });

  it('holds over a restart and a flush of the firewall, and leaves nothing behind', async () => {
    verifies('network:policy-kept');
    const off = await confined({ kind: 'off' });
    const listed = await confined(allowing(internet.address));
    const check = async () => {
      assert.equal(await connect(off.namespacePath, internet.address, agentPort), 'refused');
      assert.match(await connect(listed.namespacePath, internet.address, agentPort), /^open /);
      assert.equal(await connect(listed.namespacePath, lan.address, agentPort), 'refused');
    };

    // With nothing prepared a pool that is closed leaves the same as one that was killed.
    await reopen({});
    await check();
    await runCommand('nft', ['delete', 'table', 'inet', `berth_${network.tag}`]);
    await pool.sweep(new Set([off.name, listed.name]));
    await check();
    await runCommand('nft', ['delete', 'table', 'inet', `berth_${network.tag}`]);
    const late = await confined({ kind: 'off' });
    await check();

    for (const slot of [off, listed, late]) await pool.release(slot.name);
    const rules = await runCommand('nft', ['list', 'table', 'inet', `berth_${network.tag}`]);
    assert.ok(![off, listed, late].some(({ address }) => rules.includes(address)));
    assert.ok(!rules.includes('policy_'));
    const files = readdirSync(`${network.home}/network/policies`);
    assert.ok(![off, listed, late].some(({ name }) => files.includes(name)));
  });

  it('does not go on with a connection of the former owner of the address', async () => {
    verifies('network:no-inheritance');
    const slot = await confined({ kind: 'on' });
    const sourcePort = 45_678;
    const send = `require('node:dgram').createSocket('udp4').bind(${sourcePort}, function () { this.send('x', ${agentPort}, '${internet.address}', () => this.close()); });`;
    const inside = (program: string) =>
      runCommand('nsenter', [`--net=${slot.namespacePath}`, process.execPath, '-e', program]);
    await inside(send);
    const answer = await heardBy(internet, () => inside(send));
    assert.equal(answer, 'x');

    // The next owner, by the same address: the kernel still knows the exchange.
    await pool.confine(slot.name, { kind: 'off' });
    assert.equal(await heardBy(internet, () => inside(send).catch(() => '')), 'silence');
  });
});

function allowing(...texts: string[]): EgressPolicy {
  const destinations = texts.map(parseAllowedDestination).filter((parsed) => parsed !== undefined);
  assert.equal(destinations.length, texts.length);
  return { kind: 'allow-list', destinations };
}

async function confined(policy: EgressPolicy): Promise<NetworkSlot> {
  const slot = await pool.claim();
  await pool.confine(slot.name, policy);
  return slot;
}

/** The server again with other settings; sandboxes go on. */
async function reopen(settings: Parameters<typeof network.openPool>[0]): Promise<void> {
  await pool[Symbol.asyncDispose]();
  pool = await network.openPool(settings);
}

/** What a UDP socket of a machine hears while something is done, and in the second after that. */
async function heardBy({ namespacePath }: Neighbour, act: () => Promise<unknown>): Promise<string> {
  const program = `const s = require('node:dgram').createSocket('udp4');
    s.on('message', (m) => { console.log(String(m)); process.exit(); });
    s.bind(${agentPort}, '0.0.0.0', () => console.log('up'));
    process.stdin.resume().on('end', () => {
      setTimeout(() => { console.log('silence'); process.exit(); }, 1000);
    });`;
  const listener = spawn('nsenter', [`--net=${namespacePath}`, process.execPath, '-e', program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: listener.stdout })[Symbol.asyncIterator]();
  assert.equal((await lines.next()).value, 'up');
  await act();
  listener.stdin.end();
  return String((await lines.next()).value);
}
