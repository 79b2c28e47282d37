import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';

import { verifies } from '../../../../test/requirements.ts';
import { runCommand } from '../run-command.ts';
import type { InternalTls, NetworkPool, NetworkSettings, NetworkSlot } from './network-pool.ts';
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
/** For an answer that is not to come. */
const briefS = 2;
const otherHostPort = internalPort + 1;
const heldPort = internalPort + 2;
const tlsPort = internalPort + 3;
/** Of this run alone, as the host gets a route to it. */
const linkLocal = `169.254.${randomInt(16, 160)}.${randomInt(1, 255)}`;
const network = createTestNetwork();
const disposables = new AsyncDisposableStack();
let pool: NetworkPool;
let sandbox: NetworkSlot;
let otherSandbox: NetworkSlot;
/** A machine with a private address, and one with a public address. */
let lan: Neighbour;
let internet: Neighbour;

describe('firewall of the sandbox network (engine)', () => {
  before(async () => {
    disposables.use(network);
    disposables.defer(() => pool[Symbol.asyncDispose]());
    pool = await network.openPool();
    sandbox = await pool.claim();
    otherSandbox = await pool.claim();
    lan = disposables.use(await createNeighbour('192.168.213'));
    internet = disposables.use(await createNeighbour('203.0.113'));
    for (const place of [sandbox, otherSandbox, lan, internet])
      disposables.use(await serve(place.namespacePath, agentPort));
    for (const port of [internalPort, otherHostPort, tlsPort]) disposables.use(await listen(port));
    await runCommand('nsenter', [
      `--net=${lan.namespacePath}`,
      'ip',
      'address',
      'add',
      `${linkLocal}/32`,
      'dev',
      'lo',
    ]);
    await runCommand('ip', ['route', 'add', `${linkLocal}/32`, 'via', lan.address]);
  });
  after(() => disposables.disposeAsync());

  it('lets the host reach a sandbox', async () => {
    assert.equal(await fromHost(sandbox.address, agentPort), `open ${sandbox.gateway}`);
  });

  it('lets no sandbox reach another', async () => {
    verifies('sandboxes:no-sandbox-to-sandbox');
    assert.match(await connect(sandbox.namespacePath, otherSandbox.address, agentPort, briefS), closed);
    assert.match(await connect(otherSandbox.namespacePath, sandbox.address, agentPort, briefS), closed);
  });

  it("opens the internal listener on the host and nothing else, by none of the host's addresses", async () => {
    verifies('sandboxes:no-host');
    assert.match(await connect(sandbox.namespacePath, sandbox.gateway, internalPort), /^open /);
    assert.equal(await connect(sandbox.namespacePath, sandbox.gateway, otherHostPort), 'refused');
    for (const address of [lan.hostAddress, internet.hostAddress]) {
      for (const port of [internalPort, otherHostPort]) {
        assert.equal(await connect(sandbox.namespacePath, address, port), 'refused');
      }
    }
  });

  it('leads port 443 of the host to the internal listener with TLS, and the names of AWS to the host', async () => {
    verifies('tls:sandboxes');
    assert.equal(await connect(sandbox.namespacePath, sandbox.gateway, 443), 'refused');
    await reopen({}, { port: tlsPort, hostNames: ['aws.example'] });

    assert.match(await connect(sandbox.namespacePath, sandbox.gateway, 443), /^open /);
    assert.equal(pool.hostAliases['aws.example'], sandbox.gateway);
    for (const address of [lan.hostAddress, internet.hostAddress])
      assert.equal(await connect(sandbox.namespacePath, address, 443), 'refused');
    assert.equal(await connect(sandbox.namespacePath, sandbox.gateway, otherHostPort), 'refused');
    await reopen({});
    assert.equal(await connect(sandbox.namespacePath, sandbox.gateway, tlsPort), 'refused');
  });

  it('opens an allowed host port by the name of the host only', async () => {
    verifies('sandboxes:allow-host-port');
    await reopen({ allowedHostPorts: [otherHostPort] });
    const host = pool.hostAliases['host.berth.internal'] ?? '';

    assert.match(await connect(sandbox.namespacePath, host, otherHostPort), /^open /);
    assert.equal(await connect(sandbox.namespacePath, internet.hostAddress, otherHostPort), 'refused');
    await reopen({});
  });

  it("opens other egress under the host's address", async () => {
    verifies('sandboxes:egress');
    assert.equal(
      await connect(sandbox.namespacePath, internet.address, agentPort),
      `open ${internet.hostAddress}`,
    );
  });

  it('closes private ranges and link-local', async () => {
    verifies('sandboxes:closed-ranges');
    assert.match(await fromHost(lan.address, agentPort), /^open /);
    assert.match(await fromHost(linkLocal, agentPort), /^open /);

    for (const address of [
      lan.address,
      linkLocal,
      '169.254.169.254',
      '10.1.2.3',
      '172.16.0.1',
      '100.64.0.1',
    ]) {
      assert.equal(await connect(sandbox.namespacePath, address, agentPort), 'refused', address);
    }
  });

  it('opens an allowed range, at once and for sandboxes that run', async () => {
    verifies('sandboxes:allow-cidr');
    await reopen({ allowedCidrs: [`${lan.address}/32`] });

    assert.equal(await connect(sandbox.namespacePath, lan.address, agentPort), `open ${lan.hostAddress}`);
    assert.equal(await connect(sandbox.namespacePath, '10.1.2.3', agentPort), 'refused');
    await reopen({});
  });

  it('does not open link-local or the host by an allowed range around them', async () => {
    verifies('sandboxes:allow-cidr');
    await reopen({ allowedCidrs: ['0.0.0.0/0', '192.168.0.0/16'] });

    assert.match(await connect(sandbox.namespacePath, lan.address, agentPort), /^open /);
    assert.equal(await connect(sandbox.namespacePath, linkLocal, agentPort), 'refused');
    assert.equal(await connect(sandbox.namespacePath, lan.hostAddress, otherHostPort), 'refused');
    assert.match(await connect(sandbox.namespacePath, otherSandbox.address, agentPort, briefS), closed);

    await reopen({ allowedCidrs: [`${linkLocal}/32`] });
    assert.match(await connect(sandbox.namespacePath, linkLocal, agentPort), /^open /);
    await reopen({});
  });

  it('closes everything but the internal listener when egress is off', async () => {
    verifies('sandboxes:egress');
    await reopen({ egress: false });

    assert.equal(await connect(sandbox.namespacePath, internet.address, agentPort), 'refused');
    assert.match(await connect(sandbox.namespacePath, sandbox.gateway, internalPort), /^open /);
    assert.deepEqual(pool.nameservers({ kind: 'default' }), []);
    await reopen({});
  });

  it('lets the network around the host reach neither a sandbox nor the internal listener', async () => {
    verifies('sandboxes:no-ingress');
    const attempts = [lan, internet].flatMap(({ namespacePath }) => [
      connect(namespacePath, sandbox.address, agentPort, briefS),
      connect(namespacePath, sandbox.gateway, internalPort, briefS),
    ]);

    assert.deepEqual(new Set(await Promise.all(attempts)), new Set(['silence']));
  });

  it('has no IPv6 inside', async () => {
    verifies('sandboxes:no-ipv6');
    const inside = [`--net=${sandbox.namespacePath}`, 'ip', '-6', 'address', 'show'];

    assert.equal(await runCommand('nsenter', inside), '');
  });

  it('drops what a sandbox sends under the address of another', async () => {
    verifies('sandboxes:no-spoofing');
    const forged = await pool.claim();
    await pool.release(forged.name);
    const prefix = /\/(\d+)$/.exec(readFileSync(`${network.home}/network/subnet`, 'utf8').trim())?.[1];
    await runCommand('nsenter', [`--net=${otherSandbox.namespacePath}`, 'ip', '-batch', '-'], {
      stdin: `address flush dev eth0\naddress add ${forged.address}/${prefix} dev eth0\n`,
    });

    assert.match(
      await connect(otherSandbox.namespacePath, otherSandbox.gateway, internalPort, briefS),
      /silence|unreachable/,
    );
  });

  it('takes a bounded number of connections of one sandbox to the host, and goes on taking those of others', async () => {
    verifies('sandboxes:host-connections');
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket.on('error', () => {})));
    await new Promise<void>((resolve) => server.listen(heldPort, '0.0.0.0', resolve));
    await reopen({ allowedHostPorts: [heldPort] });
    const program = `let open = 0, over = 0;
      const done = () => { if (open + over === 300) { console.log(open); process.exit(); } };
      for (let n = 0; n < 300; n += 1) require('node:net').connect(${heldPort}, '${sandbox.gateway}')
        .on('connect', () => { open += 1; done(); }).on('error', () => { over += 1; done(); });`;
    const counting = runCommand('nsenter', [
      `--net=${sandbox.namespacePath}`,
      process.execPath,
      '-e',
      program,
    ]);

    assert.equal((await counting).trim(), '256');
    assert.match(await connect(sandbox.namespacePath, sandbox.gateway, internalPort), /^open /);
    for (const socket of sockets) socket.destroy();
    server.close();
    await reopen({});
  });

  it('puts rules back that the restart of another firewall has flushed', async () => {
    await runCommand('nft', ['delete', 'table', 'inet', `berth_${network.tag}`]);

    await pool.sweep(new Set([sandbox.name, otherSandbox.name]));

    assert.equal(await connect(sandbox.namespacePath, sandbox.gateway, otherHostPort), 'refused');
  });

  it('leaves rules that are there as they are, with all that they have counted', async () => {
    verifies('network:undisturbed');
    const mark = `inet berth_${network.tag} left_alone`;
    await runCommand('nft', [`add chain ${mark}`]);

    await pool.sweep(new Set([sandbox.name, otherSandbox.name]));

    await runCommand('nft', [`list chain ${mark}`]);
  });
});

const closed = /^(refused|unreachable|silence)$/;

/** The server again with other settings; sandboxes go on. */
async function reopen(settings: Partial<NetworkSettings>, tls?: InternalTls): Promise<void> {
  await pool[Symbol.asyncDispose]();
  pool = await network.openPool(settings, 0, tls);
}

function fromHost(address: string, port: number): Promise<string> {
  return connect('/proc/self/ns/net', address, port);
}
