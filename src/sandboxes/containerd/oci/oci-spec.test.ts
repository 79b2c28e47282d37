import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../../test/requirements.ts';
import { type OciSpecInput, ociSpec } from './oci-spec.ts';
import { resourcesFor, rlimitsFor } from './resource-limits.ts';
import { seccompFor } from './seccomp.ts';
import { userRangeOf } from './user-range.ts';

const input: OciSpecInput = {
  hostname: 'sb-1',
  args: ['node', '--version'],
  env: ['A=image', 'B=image', 'A=version=1'],
  workingDir: '/app',
  user: { uid: 0, gid: 0, groups: [], home: '/root' },
  files: { init: '/init', hosts: '/h', hostname: '/n', resolvConf: '/r', caBundle: undefined },
  storage: undefined,
  users: undefined,
  egress: { kind: 'default' },
  limits: { memoryBytes: 1024, cpus: 1.5, pids: 10, diskBytes: 1 },
  hasSwapLimit: true,
  rlimits: [],
  cgroupPath: '/berth-1/sb-1',
  networkNamespacePath: '/run/netns/1',
  isolation: { sharesKernel: true, annotations: {}, ownTasks: 0 },
  architecture: 'x64',
};

describe('The OCI spec of a sandbox', () => {
  it('runs the command under the init, with the last value of each variable', () => {
    assert.partialDeepStrictEqual(ociSpec(input), {
      process: {
        args: ['/.berth/init', '--', 'node', '--version'],
        env: ['A=version=1', 'B=image'],
        cwd: '/app',
        noNewPrivileges: true,
      },
    });
  });

  it('gives capabilities to root only, and none to inherit', () => {
    const asUser = ociSpec({ ...input, user: { uid: 5, gid: 5, groups: [6], home: '/' } });

    assert.partialDeepStrictEqual(asUser, {
      process: {
        user: { uid: 5, gid: 5, additionalGids: [6] },
        capabilities: { effective: [], permitted: [] },
      },
    });
    for (const capability of ['NET_ADMIN', 'NET_RAW', 'SYS_ADMIN', 'SYS_PTRACE', 'MKNOD']) {
      assert.ok(!JSON.stringify(ociSpec(input)).includes(`CAP_${capability}`), capability);
    }
  });

  it('has users of its own where they are given: of its layers, its storage, and without a sysfs of the kernel', () => {
    verifies('isolation:own-users');
    const range = userRangeOf('10.213.0.5');
    const mapping = [{ containerID: 0, hostID: range.firstId, size: 65_536 }];
    const storage = { source: '/volume', destination: '/mnt/data' };

    const spec = ociSpec({ ...input, storage, users: { range, sysfs: '/run/berth/sysfs' } });

    assert.partialDeepStrictEqual(spec, { linux: { uidMappings: mapping, gidMappings: mapping } });
    assert.ok(JSON.stringify(spec).includes('{"type":"user"}'));
    const mountAt = (path: string) => spec.mounts.find(({ destination }) => destination === path);
    assert.partialDeepStrictEqual(mountAt('/mnt/data'), { uidMappings: mapping, gidMappings: mapping });
    assert.partialDeepStrictEqual(mountAt('/sys'), { type: 'bind', source: '/run/berth/sysfs' });
    assert.ok(!JSON.stringify(ociSpec(input)).includes('"user"}'));
  });

  it('gives each address of a server a range of its own, within the numbers that all programs bear', () => {
    verifies('isolation:own-users');
    const addresses = Array.from({ length: 0x4000 }, (_, at) => `10.213.${64 + (at >> 8)}.${at & 255}`);
    const firsts = addresses.map((address) => userRangeOf(address).firstId);
    assert.equal(new Set(firsts).size, addresses.length);
    assert.ok(firsts.every((first) => first % 65_536 === 0 && first >= 2 ** 29 && first + 65_536 < 2 ** 31));
  });

  it('shows the CA bundle, read-only, when there is one', () => {
    verifies('tls:sandboxes');
    const withBundle = ociSpec({ ...input, files: { ...input.files, caBundle: '/host/bundle.pem' } });
    const mounts = (spec: object) => (spec as { mounts: { destination: string }[] }).mounts;
    const before = mounts(ociSpec(input));

    assert.deepEqual(mounts(withBundle).slice(0, before.length), before);
    assert.deepEqual(mounts(withBundle).slice(before.length), [
      {
        destination: '/.berth/ca-bundle.pem',
        type: 'bind',
        source: '/host/bundle.pem',
        options: ['bind', 'ro', 'nosuid', 'nodev', 'noexec'],
      },
    ]);
  });

  it('limits memory, swap, processors and processes, as far as the host can', () => {
    const resources = resourcesFor(input.limits, true);

    assert.partialDeepStrictEqual(resources, {
      memory: { limit: 1024, swap: 1024 },
      cpu: { quota: 150_000, period: 100_000 },
      pids: { limit: 10 },
    });
    assert.partialDeepStrictEqual(resourcesFor({ ...input.limits, cpus: 0.001 }, false), {
      memory: { limit: 1024 },
      cpu: { quota: 1_000 },
    });
  });

  it('asks for no more open files than are allowed here', () => {
    assert.partialDeepStrictEqual(rlimitsFor(Infinity)[0], { hard: 65_536, soft: 65_536 });
    assert.partialDeepStrictEqual(rlimitsFor(4_096)[0], { hard: 4_096, soft: 4_096 });
  });
});

describe('The seccomp profile', () => {
  const allowed = (architecture: string, capabilities: readonly string[]) =>
    new Set(
      seccompFor(architecture, capabilities)
        .syscalls.filter(({ action, args }) => action === 'SCMP_ACT_ALLOW' && args === undefined)
        .flatMap(({ names }) => names),
    );

  it('refuses what no rule allows', () => {
    const { defaultAction } = seccompFor('x64', []);

    assert.equal(defaultAction, 'SCMP_ACT_ERRNO');
    const calls = allowed('x64', ['CAP_CHOWN']);
    assert.ok(calls.has('read'));
    for (const name of [
      'mount',
      'bpf',
      'kexec_load',
      'unshare',
      'setns',
      'open_by_handle_at',
      'init_module',
      'clone3',
    ]) {
      assert.ok(!calls.has(name), name);
    }
  });

  it('follows capabilities and architecture', () => {
    assert.ok(allowed('x64', ['CAP_SYS_ADMIN']).has('mount'));
    assert.ok(allowed('x64', []).has('arch_prctl') && !allowed('arm64', []).has('arch_prctl'));
    assert.deepEqual(seccompFor('arm64', []).architectures, ['SCMP_ARCH_AARCH64']);
    assert.deepEqual(seccompFor('x64', []).architectures, ['SCMP_ARCH_X86_64']);
    assert.throws(() => seccompFor('mips', []), TypeError);
  });

  it('leaves no condition in what the runtime reads', () => {
    assert.ok(seccompFor('x64', []).syscalls.every((rule) => !('includes' in rule) && !('excludes' in rule)));
  });
});
