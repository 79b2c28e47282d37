import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { on } from 'node:events';
import { after, before, describe, it } from 'node:test';

import { verifies } from '../../../../../test/requirements.ts';
import { parseAllowedDestination } from '../../../../shared/allowed-destination.ts';
import { runCommand } from '../../run-command.ts';
import type { NetworkPool, NetworkSlot } from '../network-pool.ts';
import type { Neighbour } from '../testing/network-probes.ts';
import { connect, createNeighbour, createTestNetwork, echo, serve } from '../testing/network-probes.ts';
import type { TestResolver } from '../testing/test-resolver.ts';
import { addressRecord, openTestResolver } from '../testing/test-resolver.ts';

const agentPort = 8_080;
const otherPort = 8_081;
const echoPort = 8_082;
const network = createTestNetwork();
const disposables = new AsyncDisposableStack();
let pool: NetworkPool;
let upstream: TestResolver;
let internet: Neighbour;

describe('names of an allow-list (engine)', () => {
  before(async () => {
    disposables.use(network);
    disposables.defer(() => pool[Symbol.asyncDispose]());
    upstream = disposables.use(await openTestResolver());
    pool = await reopened();
    internet = disposables.use(await createNeighbour('203.0.113'));
    for (const port of [agentPort, otherPort]) disposables.use(await serve(internet.namespacePath, port));
    for (const name of ['api.example.com', 'one.example.org', 'attacker.test'])
      upstream.zone.set(name, [addressRecord(name, internet.address)]);
    upstream.zone.set('inside.example.org', [addressRecord('inside.example.org', '192.168.213.1')]);
  });
  after(() => disposables.disposeAsync());

  it('open their addresses as the answer arrives, for one sandbox and the port in the list', async () => {
    verifies('network:dns-open-first');
    const slot = await confined('api.example.com', `.example.org:${otherPort}`);
    const other = await confined('api.example.com');
    assert.deepEqual(pool.nameservers({ kind: 'allow-list', destinations: destinations('a.b') }), [
      slot.gateway,
    ]);
    assert.equal(await connect(slot.namespacePath, internet.address, agentPort), 'refused');

    assert.equal(await resolve(slot, 'one.example.org'), internet.address);
    assert.equal(await connect(slot.namespacePath, internet.address, agentPort), 'refused');
    assert.match(await connect(slot.namespacePath, internet.address, otherPort), /^open /);
    assert.equal(await resolve(slot, 'api.example.com'), internet.address);
    assert.match(await connect(slot.namespacePath, internet.address, agentPort), /^open /);
    assert.equal(await connect(other.namespacePath, internet.address, agentPort), 'refused');
  });

  it('resolve over UDP and TCP; other names and other resolvers do not', async () => {
    verifies('network:dns', 'network:dns-only-resolver');
    const slot = await confined('api.example.com', internet.address);

    assert.equal(await resolve(slot, 'api.example.com', { overTcp: true }), internet.address);
    assert.equal(await resolve(slot, 'attacker.test'), 'ENOTFOUND');
    assert.equal(await resolve(slot, 'inside.example.org'), 'ENOTFOUND');
    // Though its address is in the list.
    disposables.use(await serve(internet.namespacePath, 53));
    assert.equal(await connect(slot.namespacePath, internet.address, 53), 'refused');
    assert.match(await connect(slot.namespacePath, internet.address, agentPort), /^open /);
  });

  it('resolve for nobody else', async () => {
    verifies('network:egress-off', 'network:dns-only-resolver');
    const off = await pool.claim();
    await pool.confine(off.name, { kind: 'off' });
    const usual = await pool.claim();

    assert.match(await resolve(off, 'api.example.com'), /^E/);
    assert.match(await resolve(usual, 'api.example.com'), /^E/);
  });

  it('stay open over a restart, and nothing is left open when the sandbox is gone', async () => {
    verifies('network:policy-kept');
    const slot = await confined('api.example.com');
    await resolve(slot, 'api.example.com');
    assert.match(await connect(slot.namespacePath, internet.address, agentPort), /^open /);

    await pool[Symbol.asyncDispose]();
    pool = await reopened();
    assert.match(await connect(slot.namespacePath, internet.address, agentPort), /^open /);
    assert.equal(await resolve(slot, 'api.example.com'), internet.address);

    await pool.release(slot.name);
    for (const set of ['resolved', 'flows', 'remembering', 'resolving', 'policies']) {
      const kind = set === 'policies' ? 'map' : 'set';
      const listed = await runCommand('nft', ['list', kind, 'inet', `berth_${network.tag}`, set]);
      assert.ok(!listed.includes(slot.address), set);
    }
  });

  it('keep a connection that was made, when the address has run out, and take no new one', async () => {
    verifies('network:dns-connections');
    const slot = await confined('api.example.com');
    await resolve(slot, 'api.example.com');
    const table = `berth_${network.tag}`;
    disposables.use(await echo(internet.namespacePath, echoPort));
    const talk = spawn('nsenter', [`--net=${slot.namespacePath}`, process.execPath, '-e', talker()]);
    const heard = on(talk.stdout.setEncoding('utf8'), 'data', { signal: AbortSignal.timeout(20_000) });
    assert.deepEqual((await heard.next()).value, ['first']);
    const element = `element inet ${table} resolved { ${slot.address} . ${internet.address} }`;
    await runCommand('nft', [`delete ${element}`]);

    talk.stdin.end('second');
    assert.deepEqual((await heard.next()).value, ['second']);
    assert.equal(await connect(slot.namespacePath, internet.address, agentPort), 'refused');
  });

  it('of one sandbox do not take the room that connections of others are remembered in', async () => {
    verifies('network:dns-fair');
    const [greedy, modest] = [await confined('api.example.com'), await confined('api.example.com')];
    const remembered = async ({ address }: NetworkSlot) => {
      const flows = await runCommand('nft', ['list', 'set', 'inet', `berth_${network.tag}`, 'flows']);
      return flows.split(`${address} .`).length - 1;
    };
    for (const slot of [greedy, modest]) await resolve(slot, 'api.example.com');

    await runCommand('nsenter', [`--net=${greedy.namespacePath}`, process.execPath, '-e', sender(3_000)]);
    const taken = await remembered(greedy);
    await runCommand('nsenter', [`--net=${modest.namespacePath}`, process.execPath, '-e', sender(1)]);

    assert.ok(taken > 256 && taken < 600, String(taken));
    assert.equal(await remembered(modest), 1);
  });
});

function reopened(): Promise<NetworkPool> {
  return network.openPool({}, 0, undefined, upstream.resolver);
}

function destinations(...texts: string[]) {
  return texts.map(parseAllowedDestination).filter((parsed) => parsed !== undefined);
}

async function confined(...list: string[]): Promise<NetworkSlot> {
  const slot = await pool.claim();
  await pool.confine(slot.name, { kind: 'allow-list', destinations: destinations(...list) });
  return slot;
}

/** The address that a program in the sandbox gets, or the code of its error. */
async function resolve(
  { namespacePath, gateway }: NetworkSlot,
  name: string,
  { overTcp = false }: { readonly overTcp?: boolean } = {},
): Promise<string> {
  const byUdp = `const r = new (require('node:dns').promises.Resolver)({ timeout: 1000, tries: 2 });
    r.setServers(['${gateway}']);
    r.resolve4('${name}').then(([a]) => console.log(a), (e) => console.log(e.code));`;
  const byTcp = `const { encode, decode } = require(${JSON.stringify(dnsPacketPath)});
    const q = encode({ type: 'query', id: 1, questions: [{ type: 'A', name: '${name}' }] });
    const s = require('node:net').connect(53, '${gateway}');
    s.on('data', (d) => { console.log(decode(d.subarray(2)).answers[0]?.data ?? 'none'); process.exit(); });
    s.on('error', (e) => console.log(e.code));
    const l = Buffer.alloc(2); l.writeUInt16BE(q.length); s.write(Buffer.concat([l, q]));`;
  const program = overTcp ? byTcp : byUdp;
  return (await runCommand('nsenter', [`--net=${namespacePath}`, process.execPath, '-e', program])).trim();
}

/** Sends to as many ports, one after the other. */
function sender(ports: number): string {
  return `const socket = require('node:dgram').createSocket('udp4');
    const send = (n) => n === ${ports} ? socket.close() : socket.send('x', 10000 + n, '${internet.address}', () => send(n + 1));
    send(0);`;
}

/** Says what it hears, and sends what it is told after its own first word. */
function talker(): string {
  return `
    const socket = require('node:net').connect(${echoPort}, '${internet.address}');
    socket.on('data', (data) => process.stdout.write(data));
    socket.on('error', (error) => process.stdout.write(error.code));
    socket.write('first');
    process.stdin.on('data', (data) => socket.write(data));
    setTimeout(() => process.exit(), 20000).unref();
    process.stdin.on('end', () => setTimeout(() => process.exit(), 3000));`;
}

const dnsPacketPath = import.meta.resolve('dns-packet').replace('file://', '');
