import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { EngineProgramName, EnginePrograms } from '../../sandboxes/containerd/engine-programs.ts';
import { BerthError } from '../../shared/errors.ts';
import { systemClock } from '../../shared/clock.ts';
import type { Finding } from '../../shared/finding.ts';
import { examineEngine } from './engine.ts';
import type { ExaminedHost } from './examined-host.ts';
import { examineIsolations, judgeUsers } from './isolations.ts';
import { examineKernel } from './kernel.ts';
import { examineMachine } from './machine.ts';
import { examineNetwork, judgeFirewalls } from './network.ts';
import { examinePorts } from './ports.ts';

const gib = 2 ** 30;

describe('berth doctor', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'berth-doctor-test-'));
  });
  after(() => rm(folder, { recursive: true }));

  interface Given {
    /** The machine's files, by path. */
    readonly files?: Readonly<Record<string, string>>;
    /** What programs print, by their name; an error is thrown. The others print nothing. */
    readonly said?: Readonly<Record<string, string | Error>>;
    readonly isRoot?: boolean;
    readonly freeBytes?: number;
  }

  /** A machine where everything is well, but for what is given. */
  async function hostWith({ files, said = {}, isRoot = true, freeBytes = 100 * gib }: Given = {}) {
    const root = await mkdtemp(join(folder, 'root-'));
    for (const [path, content] of Object.entries({ ...wellFiles, ...files })) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), content);
    }
    const ran: string[] = [];
    const host: ExaminedHost = {
      root,
      isRoot,
      freeBytes: async () => freeBytes,
      async run(command, args) {
        ran.push([command, ...args].join(' '));
        const answer = said[command] ?? said[[command, ...args].join(' ')] ?? '';
        if (answer instanceof Error) throw answer;
        return answer;
      },
    };
    return { host, ran };
  }

  it('finds nothing wrong with a machine where all is well', async () => {
    verifies('doctor:machine', 'doctor:kernel');
    const { host } = await hostWith();
    const findings = [
      ...(await examineKernel(host, systemClock)),
      ...(await examineNetwork({ host, network: network() })),
      ...(await examinePorts({ host, config: { listen: loopback, tls: undefined }, serverPid: undefined })),
    ];
    assert.deepEqual(
      findings.filter(({ state }) => state !== 'ok'),
      [],
    );
  });

  it('tells control groups that cannot limit, in both versions, and swap that escapes them', async () => {
    verifies('doctor:kernel');
    const second = await hostWith({ files: { '/sys/fs/cgroup/cgroup.controllers': 'cpu io memory\n' } });
    const first = await hostWith();
    await rm(join(first.host.root, '/sys/fs/cgroup/cgroup.controllers'));
    const swapping = await hostWith({ files: { '/proc/swaps': 'Filename Type\n/dev/sda2 partition\n' } });

    assert.match(
      tellOf(await examineKernel(second.host, systemClock), 'control groups'),
      /^fail version 2, without pids/,
    );
    assert.match(
      tellOf(await examineKernel(first.host, systemClock), 'control groups'),
      /^fail version 1, without cpu, memory/,
    );
    assert.match(tellOf(await examineKernel(swapping.host, systemClock), 'swap'), /^warn .*swapaccount=1/);
  });

  it('tells what the kernel refuses, with what it said and what to load', async () => {
    verifies('doctor:kernel');
    const { host } = await hostWith({
      said: { unshare: new Error('Operation\nnot permitted'), nft: new Error('Could not process rule') },
    });

    const findings = await examineKernel(host, systemClock);

    for (const subject of ['namespaces', 'overlay', 'bridges'])
      assert.match(tellOf(findings, subject), /^fail Operation; not permitted/);
    assert.match(tellOf(findings, 'overlay'), /modprobe overlay/);
    assert.match(tellOf(findings, 'nftables'), /^fail Could not process rule.*modprobe nf_tables/);
    assert.match(tellOf(findings, 'memory without swap'), /^off .*Linux 6\.4/);
  });

  it('has the kernel judge the rules of a real server, without putting them into force', async () => {
    verifies('doctor:kernel');
    const { host, ran } = await hostWith();
    await examineKernel(host, systemClock);
    assert.ok(ran.includes('nft --check -f -'), ran.join('\n'));
  });

  it('says as another user than root what it could not look at, and tries nothing', async () => {
    verifies('doctor:unprivileged');
    const { host, ran } = await hostWith({ isRoot: false });
    const findings = [
      ...(await examineMachine({ host, config: configOf(join(host.root, 'home')) })),
      ...(await examineKernel(host, systemClock)),
      ...(await examineNetwork({ host, network: network() })),
      ...(await examineIsolations({
        ...isolations(host),
        programs: programsIn({ runc: '/x/runc', init: '/x/init' }),
      })),
    ];
    for (const subject of ['user', 'home', 'disks of sandboxes', 'overlay', 'nftables', 'firewalls'])
      assert.match(tellOf(findings, subject), /^unknown /, subject);
    assert.ok(findings.every(({ state }) => state !== 'fail'));
    assert.ok(!ran.some((line) => /^(unshare|nft --check|iptables)/.test(line)), ran.join('\n'));
  });

  it('tells a disk and a memory that have no room', async () => {
    verifies('doctor:machine');
    const full = await hostWith({
      freeBytes: gib / 2,
      files: { '/proc/meminfo': 'MemAvailable: 1024 kB\n' },
    });
    const narrow = await hostWith({ freeBytes: 2 * gib });

    const findings = await examineMachine({ host: full.host, config: configOf(full.host.root) });

    assert.match(tellOf(findings, 'disk'), /^fail 512 MiB free: no sandbox starts below 1024 MiB/);
    assert.match(tellOf(findings, 'memory'), /^fail 1 MiB available: no sandbox starts below 256 MiB/);
    assert.match(
      tellOf(await examineMachine({ host: narrow.host, config: configOf(narrow.host.root) }), 'disk'),
      /^warn /,
    );
  });

  it('tells a home that is no folder, that others may write to, or whose path cannot be mounted', async () => {
    verifies('doctor:machine');
    const { host } = await hostWith();
    const open = join(host.root, 'open');
    await mkdir(open);
    await writeFile(join(host.root, 'file'), '');
    const tell = async (home: string) =>
      tellOf(await examineMachine({ host, config: configOf(home) }), 'home');

    await chmod(open, 0o777);
    assert.match(await tell(open), /^warn others may write to .*chmod 0700/);
    assert.match(await tell(join(host.root, 'file')), /^fail .*is no folder/);
    assert.match(await tell('/var/lib/a:b'), /^fail .*must hold none of/);
    assert.match(await tell(join(host.root, 'later/berth')), /^ok .*is made by the first start/);
  });

  it('tells a clock that nothing keeps right, and few open files', async () => {
    verifies('doctor:machine');
    const { host } = await hostWith({
      said: { timedatectl: 'no\n' },
      files: {
        '/proc/self/limits': 'Max open files            1024                 4096                 files\n',
      },
    });
    const findings = await examineMachine({ host, config: configOf(host.root) });
    assert.match(tellOf(findings, 'clock'), /^warn .*timedatectl set-ntp true/);
    assert.match(tellOf(findings, 'open files'), /^warn the hard limit is 4096.*LimitNOFILE/);
    const silent = await hostWith({ said: { timedatectl: new Error('not found') } });
    assert.match(
      tellOf(await examineMachine({ host: silent.host, config: configOf(host.root) }), 'clock'),
      /^unknown /,
    );
  });

  it('tells which programs of the engine are missing, old or unsafe, and what runs beside it', async () => {
    verifies('doctor:engine');
    const { host } = await hostWith({
      said: {
        '/x/containerd': 'containerd github.com/containerd/containerd 1.5.9 x',
        '/x/runc': 'runc version 1.1.5',
      },
      files: { '/run/docker.sock': '' },
    });
    const old = await examineEngine({
      host,
      socket: undefined,
      programs: programsIn({ containerd: '/x/containerd', runc: '/x/runc' }),
    });
    assert.match(tellOf(old, 'containerd'), /^warn 1\.5\.9 .*install 1\.6 or newer/);
    assert.match(tellOf(old, 'runc'), /^warn 1\.1\.5 .*CVE-2025-31133/);
    const missing = old.filter(({ subject }) => subject === 'programs');
    assert.match(
      tell(missing[0]),
      /^fail The sandbox engine is not installed: containerd-shim-runc-v2 is missing Run scripts/,
    );
    assert.match(
      tell(missing[1]),
      /^fail The init program for sandboxes is not installed Install the package/,
    );
    assert.match(tellOf(old, 'others beside it'), /^ok \/run\/docker\.sock: left alone/);

    const shared = await examineEngine({ host, socket: join(folder, 'none.sock'), programs: programsIn({}) });
    assert.match(tellOf(shared, 'containerd'), /^fail nothing answers at .*name no socket/);
  });

  it('tells of each isolation whether it can be used: the usual one must be', async () => {
    verifies('doctor:isolations');
    const { host } = await hostWith();
    const file = join(folder, 'isolations.json');
    await writeFile(
      file,
      JSON.stringify({ kata: { shim: 'io.containerd.kata.v2' }, gone: { runtime: '/x/gone' } }),
    );
    const programs = programsIn({ runc: '/x/runc', init: '/x/init', runsc: '/x/runsc' });
    const examine = (change: object) => examineIsolations({ ...isolations(host), programs, ...change });

    const refusing: ExaminedHost = {
      ...host,
      async run(command, args) {
        if (command === '/x/runsc' && args.includes('run')) throw new Error('no ptrace');
        return '';
      },
    };
    const findings = await examine({ host: refusing, file });
    assert.match(tellOf(findings, 'gvisor'), /^warn a sandbox did not run: no ptrace/);
    assert.match(tellOf(findings, 'kata'), /^warn .*containerd-shim-kata-v2.*Install it/);
    assert.match(tellOf(findings, 'gone'), /^warn .*\/x\/gone/);
    assert.match(
      tellOf(await examine({ host: refusing, usual: 'gvisor' }), 'gvisor'),
      /^fail a sandbox did not run: no ptrace/,
    );
    const bare = programsIn({ runc: '/x/runc', init: '/x/init' });
    assert.match(tellOf(await examine({ programs: bare }), 'gvisor'), /^off .*runsc/);
    assert.match(tellOf(await examine({ programs: bare, usual: 'gvisor' }), 'gvisor'), /^fail .*runsc/);
    assert.match(
      tellOf(await examine({ usual: 'firecracker' }), 'firecracker'),
      /^fail .*has no isolation 'firecracker'/,
    );
    assert.match(
      tellOf(await examine({ file: '/nowhere' }), 'runc'),
      /^fail BERTH_ISOLATIONS_FILE .*Correct the file/,
    );
  });

  it('tells whether sandboxes of runc have users of their own, and why not', () => {
    verifies('isolation:own-users-fallback', 'doctor:isolations');
    const facts = {
      kernel: '6.12.1',
      most: 9,
      containerd: '2.4.2',
      hasIdMaps: true,
      fileSystem: 0xef53,
      closedFolder: undefined,
      refusal: undefined,
    };
    assert.match(tell(judgeUsers('auto', facts)), /^ok each sandbox's own/);
    const refused = tell(judgeUsers('auto', { ...facts, refusal: 'mount: permission denied.' }));
    assert.match(refused, /^warn the host's.*permission denied.* Install util-linux if/);
    assert.match(
      tell(judgeUsers('auto', { ...facts, containerd: '1.6.20' })),
      /^warn the host's.*containerd 1\.6\.20 cannot.* Install 2\.0 or newer/,
    );
    assert.match(tell(judgeUsers('auto', undefined)), /^warn .*shared/);
    assert.match(tell(judgeUsers('off', facts)), /^warn .*BERTH_USER_NAMESPACES.* Set it to auto/);
  });

  it('tells programs, name servers, named networks and firewalls that are in the way of the network', async () => {
    verifies('doctor:network');
    const { host } = await hostWith({
      said: { ip: new BerthError('unavailable', 'The program `ip` was not found.') },
      files: { '/etc/resolv.conf': 'nameserver 127.0.0.53\n', '/proc/sys/net/ipv4/ip_forward': '0\n' },
    });
    const findings = await examineNetwork({ host, network: { ...network(), networksFile: '/nowhere.json' } });
    assert.match(tellOf(findings, 'ip'), /^fail .*not found.*iproute2/);
    assert.match(tellOf(findings, 'networks'), /^fail BERTH_NETWORKS: \/nowhere\.json/);
    assert.match(tellOf(findings, 'name servers'), /^warn .*names do not resolve/);
    assert.match(tellOf(findings, 'forwarding'), /^warn IPv4 forwarding is off/);

    const firewalls = judgeFirewalls({
      iptables: ['FORWARD'],
      hasFirewalld: true,
      refusing: ['inet strict in'],
    });
    assert.deepEqual(
      firewalls.map(({ state }) => state),
      ['ok', 'ok', 'warn'],
    );
    assert.match(tell(firewalls[0]), /Docker and ufw/);
    assert.match(tell(firewalls[1]), /zone 'trusted'/);
    assert.match(tell(firewalls[2]), /"inet strict in" drops by default/);
    const docker = await hostWith({ said: { 'iptables -w 5 -S FORWARD': '-P FORWARD DROP\n' } });
    assert.match(
      tellOf(await examineNetwork({ host: docker.host, network: network() }), 'firewalls'),
      /in FORWARD/,
    );
  });

  it('tells who holds a port, and which address is not of this machine', async () => {
    verifies('doctor:ports');
    const row = (address: string, inode: number) =>
      `   0: ${address}:125C 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1\n`;
    const { host } = await hostWith({
      files: {
        '/proc/net/tcp': `head\n${row('0100007F', 77)}`,
        '/proc/412/comm': 'nginx\n',
        '/proc/412/fd/x': '',
      },
    });
    await symlink('socket:[77]', join(host.root, '/proc/412/fd/6'));
    const examine = (listen: typeof loopback, serverPid?: number) =>
      examinePorts({ host, config: { listen, tls: undefined }, serverPid });

    const [taken] = await examine(loopback);
    assert.match(tell(taken), /^fail nginx \(pid 412\) listens there End it, or choose another address/);
    const [own] = await examine(loopback, 412);
    assert.match(tell(own), /^ok the server of this home \(pid 412\)/);
    const [wildcard] = await examine({ host: '0.0.0.0', port: 4700 });
    assert.match(tell(wildcard), /^fail nginx/);
    assert.match(tell((await examine({ host: '127.0.0.2', port: 4700 }))[0]), /^ok free/);
    assert.match(
      tell((await examine({ host: '192.0.2.1', port: 4700 }))[0]),
      /^fail this machine has no such address/,
    );
    await rm(join(host.root, '/proc/412'), { recursive: true });
    assert.match(tell((await examine(loopback))[0]), /^fail another program listens there/);
  });

  function isolations(host: ExaminedHost) {
    return {
      host,
      usual: 'runc',
      file: undefined,
      home: host.root,
      userNamespaces: 'auto' as const,
      socket: undefined,
      clock: systemClock,
    };
  }
});

const loopback = { host: '127.0.0.1', port: 4700 };

const wellFiles = {
  '/sys/fs/cgroup/cgroup.controllers': 'cpuset cpu io memory pids\n',
  '/proc/sys/kernel/osrelease': '6.12.1\n',
  '/proc/swaps': 'Filename Type\n',
  '/proc/meminfo': 'MemAvailable: 8388608 kB\n',
  '/proc/self/limits': 'Max open files            1024                 1048576              files\n',
  '/proc/net/tcp': 'head\n',
  '/proc/sys/net/ipv4/ip_forward': '1\n',
  '/etc/resolv.conf': 'nameserver 192.0.2.1\n',
};

function network() {
  return { egress: true, allowedCidrs: [], allowedHostPorts: [], subnet: undefined, networksFile: undefined };
}

function configOf(home: string) {
  return {
    home,
    admission: { startsInFlight: 2, queueLimit: 1, memoryReserveBytes: gib / 4 },
    sandbox: {
      memoryBytes: gib,
      cpus: 1,
      pids: 64,
      diskBytes: gib,
      startTimeoutMs: 1,
      stopGraceMs: 1,
      logMaxBytes: 1,
    },
  };
}

function programsIn(paths: Partial<Record<EngineProgramName, string>>): EnginePrograms {
  return {
    async find(name) {
      const path = paths[name];
      return path === undefined ? undefined : { name, path, source: 'system' };
    },
    searchPath: async () => '/nowhere',
  };
}

function tellOf(findings: readonly Finding[], subject: string): string {
  return tell(findings.find((finding) => finding.subject === subject));
}

/** State, what it is and what to do, in a line. */
function tell(finding: Finding | undefined): string {
  assert.ok(finding !== undefined);
  return [finding.state, finding.detail, finding.advice].filter((part) => part !== undefined).join(' ');
}
