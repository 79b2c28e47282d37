import { spawn } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../../../shared/clock.ts';
import { systemRandom } from '../../../../shared/ids.ts';
import { CommandFailure, runCommand } from '../../run-command.ts';
import type { Resolver } from '../dns/look-up.ts';
import type { InternalTls, NetworkPool, NetworkSettings } from '../network-pool.ts';
import { createNetworkPool } from '../network-pool.ts';
import { removeNetwork } from '../network-setup.ts';

/** A server's network for one test file: pools on one home and tag, all removed in the end. */
export interface TestNetwork extends AsyncDisposable {
  readonly home: string;
  readonly tag: string;
  /** Another process of the same server, as after a restart. Close the one before. */
  openPool(
    settings?: Partial<NetworkSettings>,
    poolSize?: number,
    internalTls?: InternalTls,
    resolver?: Resolver,
  ): Promise<NetworkPool>;
}

/** Ports of this process alone, eight in a row: these two, and what a test adds to the first one. */
export const internalPort = await claimPorts();
export const dnsPort = internalPort + 6;

export function createTestNetwork(): TestNetwork {
  const home = mkdtempSync(join(tmpdir(), 'berth-net-'));
  const tag = randomBytes(4).toString('hex');
  return {
    home,
    tag,
    openPool: (settings = {}, poolSize = 0, internalTls, resolver) =>
      createNetworkPool({
        home,
        serverTag: tag,
        network: { egress: true, allowedCidrs: [], allowedHostPorts: [], subnet: undefined, ...settings },
        poolSize,
        internalPort,
        internalTls,
        dnsPort,
        ...(resolver && { resolvers: () => Promise.resolve([resolver]) }),
        clock: systemClock,
        random: systemRandom,
        log: { warn: () => {} },
      }),
    async [Symbol.asyncDispose]() {
      await removeNetwork(tag);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/**
 * What came of a connection attempt: `open` with the address that the other side saw, or how it was refused; `silence` when
 * nothing came of it for so long.
 */
export async function connect(
  namespacePath: string,
  host: string,
  port: number,
  patienceS = 20,
): Promise<string> {
  const script = `exec 3<>/dev/tcp/${host}/${port} && head -n 1 <&3`;
  try {
    const seen = await runCommand('nsenter', [
      `--net=${namespacePath}`,
      'timeout',
      String(patienceS),
      'bash',
      '-c',
      script,
    ]);
    return `open ${seen.trim()}`;
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    if (/refused/i.test(error.stderr)) return 'refused';
    if (/unreachable|no route|not permitted/i.test(error.stderr)) return 'unreachable';
    return error.exitCode === 124 ? 'silence' : error.message;
  }
}

/** A TCP server inside a namespace that tells every client the client's address. */
export function serve(namespacePath: string, port: number): Promise<Disposable> {
  return runServer(namespacePath, port, "s.end(s.remoteAddress.replace('::ffff:', '') + '\\n');");
}

/** The same, but it sends back what it gets. */
export function echo(namespacePath: string, port: number): Promise<Disposable> {
  return runServer(namespacePath, port, 's.pipe(s);');
}

async function runServer(namespacePath: string, port: number, serveOne: string): Promise<Disposable> {
  const program = `require('node:net').createServer((s) => { s.on('error', () => {}); ${serveOne} }).listen(${port}, '0.0.0.0', () => console.log('up'))`;
  const child = spawn('nsenter', [`--net=${namespacePath}`, process.execPath, '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`test server exited with ${code}`)));
  });
  return { [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

/** A TCP server on all addresses of the host that tells every client the client's address. */
export async function listen(port: number): Promise<Disposable> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    // Read to the end, else the connection lingers and keeps the test process alive.
    socket.resume();
    socket.end(`${socket.remoteAddress}\n`);
  });
  await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
  return { [Symbol.dispose]: () => void server.close() };
}

/** A machine beside the host, connected by a link of its own. */
export interface Neighbour extends AsyncDisposable {
  readonly namespacePath: string;
  readonly address: string;
  /** The host's address on the link. */
  readonly hostAddress: string;
}

/** `network` are the first three numbers; the link uses four addresses of it that no other test's link has. */
export async function createNeighbour(network: string): Promise<Neighbour> {
  const name = `bt-${randomBytes(4).toString('hex')}`;
  const inside = `/run/netns/${name}`;
  await runCommand('ip', ['netns', 'add', name]);
  const { link, block } = await addLink(network, name);
  const hostAddress = `${network}.${block + 1}`;
  const address = `${network}.${block + 2}`;
  await runCommand('ip', ['-batch', '-'], {
    stdin: `address add ${hostAddress}/30 dev ${link}\nlink set ${link} up\n`,
  });
  await runCommand('nsenter', [`--net=${inside}`, 'ip', '-batch', '-'], {
    stdin: `link set lo up\nlink set eth0 up\naddress add ${address}/30 dev eth0\nroute add default via ${hostAddress}\n`,
  });
  return {
    namespacePath: inside,
    address,
    hostAddress,
    async [Symbol.asyncDispose]() {
      await runCommand('ip', ['-force', '-batch', '-'], { stdin: `link del ${link}\nnetns del ${name}\n` });
    },
  };
}

/** The link is named for its addresses, of which the kernel so lets only one test have them. */
async function addLink(network: string, namespace: string): Promise<{ link: string; block: number }> {
  for (;;) {
    const block = randomInt(0, 60) * 4;
    const link = `bt${network.replaceAll('.', '')}-${block}`;
    try {
      const peer = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', namespace];
      await runCommand('ip', ['link', 'add', link, ...peer]);
      return { link, block };
    } catch (error) {
      if (!(error instanceof CommandFailure && error.stderr.includes('File exists'))) throw error;
    }
  }
}

/** The last one is listened on for as long as this process lives, so that no other has any of them. */
async function claimPorts(): Promise<number> {
  for (;;) {
    const first = randomInt(2_500, 4_000) * 8;
    const claim = createServer()
      .listen(first + 7, '127.0.0.1')
      .unref();
    const isMine = await once(claim, 'listening').then(
      () => true,
      () => false,
    );
    if (isMine) return first;
  }
}
