import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { CommandFailure, runCommand } from '../../run-command.ts';
import {
  connect,
  createNeighbour,
  createTestNetwork,
  internalPort,
  listen,
  serve,
} from './network-probes.ts';

/**
 * A server's network beside other firewalls, in a process with a network of its own, so that the machine's firewall stays as it
 * is. Prints one line of JSON: what could be reached at each step. The argument is the story to tell:
 *
 *     unshare --net --mount sh -c 'mount -t sysfs sysfs /sys && exec node THIS firewalld'
 */
const agentPort = 8_080;
const hostPort = internalPort + 1;
const seen: Record<string, string> = {};
await using stack = new AsyncDisposableStack();
const network = stack.use(createTestNetwork());
await runCommand('ip', ['link', 'set', 'lo', 'up']);
const internet = stack.use(await createNeighbour('203.0.113'));
stack.use(await serve(internet.namespacePath, agentPort));
stack.use(await listen(hostPort));

const stories: Readonly<Record<string, () => Promise<void>>> = { docker, flush, firewalld };
await stories[process.argv[2] ?? '']?.();
console.log(JSON.stringify(seen));
await stack.disposeAsync();
process.exit();

/** iptables as Docker leaves them: it drops what it does not know, and makes its chains anew when it starts. */
async function docker(): Promise<void> {
  const rules = (command: string) => runCommand('sh', ['-ec', command]);
  const start = `
    iptables -N DOCKER; iptables -N DOCKER-USER; iptables -A DOCKER-USER -j RETURN
    iptables -N DOCKER-ISOLATION-STAGE-1; iptables -A DOCKER-ISOLATION-STAGE-1 -j RETURN
    iptables -A FORWARD -j DOCKER-USER; iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1
    iptables -A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
    iptables -A FORWARD -i docker0 ! -o docker0 -j ACCEPT
    iptables -P FORWARD DROP
    iptables -t nat -A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE`;
  await rules(start);
  const pool = await network.openPool();
  const slot = await pool.claim();
  const look = async (step: string) =>
    (seen[step] = await connect(slot.namespacePath, internet.address, agentPort));
  await look('beside Docker');
  await rules('iptables -F FORWARD');
  await rules('iptables -A FORWARD -j DOCKER-USER');
  await pool.sweep(new Set([slot.name]));
  await look('after Docker has made its chain anew');
  const before = await runCommand('iptables', ['-S']);
  await pool.release(slot.name);
  await pool[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
  seen['left'] = (await runCommand('iptables', ['-S'])).includes('berth') ? 'rules' : 'nothing';
  seen['were there'] = before.includes('berth') ? 'rules' : 'nothing';
  seen['of Docker'] = (await runCommand('iptables', ['-S'])).includes('DOCKER-USER') ? 'all' : 'lost';
}

/** The whole rule set deleted by somebody, while a server runs and while none does. */
async function flush(): Promise<void> {
  let pool = await network.openPool();
  const slot = await pool.claim();
  const off = await pool.claim();
  await pool.confine(off.name, { kind: 'off' });
  const look = async (step: string) => {
    seen[`${step}: internet`] = await connect(slot.namespacePath, internet.address, agentPort);
    seen[`${step}: host`] = await connect(slot.namespacePath, slot.gateway, hostPort);
    seen[`${step}: off`] = await connect(off.namespacePath, internet.address, agentPort);
  };
  await look('before');
  await pool[Symbol.asyncDispose]();
  await runCommand('nft', ['flush', 'ruleset']);
  seen['flushed without a server: internet'] = await connect(slot.namespacePath, internet.address, agentPort);
  pool = await network.openPool();
  await look('with a server again');
  await runCommand('nft', ['flush', 'ruleset']);
  await untilRulesAreBack();
  await look('flushed under a server');
  await pool[Symbol.asyncDispose]();
}

/** No sweep and no call of a test: the server notices by itself. */
async function untilRulesAreBack(): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const tables = await runCommand('nft', ['list', 'tables']);
    if (tables.includes(`inet berth_${network.tag}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The real firewalld, on a bus of its own. Told by hand: installing it turns a machine's firewall on. */
async function firewalld(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'berth-firewalld-'));
  stack.defer(() => rmSync(folder, { recursive: true }));
  // Where every program looks for the system's bus; seen in this process's mounts only.
  const busFolder = '/run/dbus';
  mkdirSync(busFolder, { recursive: true });
  await runCommand('mount', ['-t', 'tmpfs', 'tmpfs', busFolder]);
  const address = `unix:path=${busFolder}/system_bus_socket`;
  writeFileSync(join(folder, 'bus.conf'), busConfig(address));
  mkdirSync(join(folder, 'etc'));
  for (const [program, ...args] of [
    ['dbus-daemon', `--config-file=${folder}/bus.conf`, '--nofork', '--nopidfile'],
    ['firewalld', '--nofork', '--nopid', `--system-config=${folder}/etc`, `--log-file=${folder}/log`],
  ] as const) {
    const child = spawn(program, args, { stdio: 'ignore' });
    stack.defer(() => void child.kill('SIGKILL'));
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  await untilItRuns();
  const pool = await network.openPool();
  const slot = await pool.claim();
  const look = async (step: string) => {
    seen[`${step}: internet`] = await connect(slot.namespacePath, internet.address, agentPort);
    seen[`${step}: host`] = await connect(slot.namespacePath, slot.gateway, hostPort);
  };
  await look('beside firewalld');
  await firewallCommand('--reload');
  await untilInZone();
  await look('after a reload');
  seen['after a reload: from the host'] = await fromHost(slot.namespacePath, slot.address);
  await pool.release(slot.name);
  await pool[Symbol.asyncDispose]();
  await network[Symbol.asyncDispose]();
  seen['left'] = (await firewallCommand('--zone=trusted', '--list-interfaces')).trim() || 'nothing';
}

async function fromHost(namespacePath: string, address: string): Promise<string> {
  using _server = await serve(namespacePath, agentPort);
  return await connect('/proc/self/ns/net', address, agentPort);
}

async function untilItRuns(): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const state = await firewallCommand('--state').catch(() => '');
    if (state.includes('running')) return;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  throw new Error('firewalld does not run');
}

async function untilInZone(): Promise<void> {
  for (let attempt = 0; attempt < 60; attempt++) {
    const interfaces = await firewallCommand('--zone=trusted', '--list-interfaces');
    if (interfaces.includes(`bth-${network.tag}`)) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function firewallCommand(...args: string[]): Promise<string> {
  try {
    return await runCommand('firewall-cmd', args);
  } catch (error) {
    if (error instanceof CommandFailure) return error.stderr;
    throw error;
  }
}

function busConfig(address: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>${address}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy></busconfig>`;
}
