import { access, constants, mkdtemp, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { DiskFolder } from '../../sandboxes/containerd/disks/disk-folder.ts';
import { makeDisk, removeDisk } from '../../sandboxes/containerd/disks/disk-image.ts';
import { requireUsablePath } from '../../sandboxes/containerd/engine-needs.ts';
import { diskReserveBytes, inMebibytes } from '../../sandboxes/host-disk.ts';
import { messageOf } from '../../shared/errors.ts';
import type { Finding } from '../../shared/finding.ts';
import { type ExaminedHost, problemOf, readText, tryRun } from './examined-host.ts';

const area = 'Machine';
const trial = 'disk-trial';

export interface MachineExamination {
  readonly host: ExaminedHost;
  readonly config: Pick<Config, 'home' | 'admission' | 'sandbox'>;
}

/** Who asks, where the server keeps its state, and whether there is room and time. */
export async function examineMachine({ host, config }: MachineExamination): Promise<readonly Finding[]> {
  const folder = await nearestFolder(config.home);
  return [
    user(host),
    await home(host, config.home, folder),
    await freeDisk(host, folder),
    await sandboxDisk(host, folder),
    await memory(host, config),
    await openFiles(host),
    await time(host),
  ];
}

function user({ isRoot }: ExaminedHost): Finding {
  const subject = 'user';
  if (isRoot) return { area, subject, state: 'ok', detail: 'root' };
  const advice = 'Run it as root to have everything looked at: sudo berth doctor.';
  return { area, subject, state: 'unknown', detail: 'not root: much of this cannot be looked at', advice };
}

async function home({ isRoot }: ExaminedHost, path: string, folder: string): Promise<Finding> {
  const subject = 'home';
  try {
    requireUsablePath(path);
  } catch (error) {
    const advice = 'Choose another path with --home or BERTH_HOME.';
    return { area, subject, state: 'fail', detail: messageOf(error), advice };
  }
  const found = await stat(folder);
  if (!found.isDirectory()) {
    const advice = 'Choose another path with --home or BERTH_HOME.';
    return { area, subject, state: 'fail', detail: `${folder} is no folder`, advice };
  }
  const isMade = folder === path;
  const what = isMade ? path : `${path} is made by the first start`;
  if (!isRoot) return { area, subject, state: 'unknown', detail: `${what}; only root can look at it` };
  const problem = await problemOf(access(folder, constants.W_OK));
  if (problem !== undefined) {
    const advice = 'Mount it writable, or choose another path with --home or BERTH_HOME.';
    return { area, subject, state: 'fail', detail: `${folder} cannot be written to: ${problem}`, advice };
  }
  if (isMade && (found.mode & 0o022) !== 0) {
    const advice = `Run: chmod 0700 ${path}`;
    return { area, subject, state: 'warn', detail: `others may write to ${path}`, advice };
  }
  return { area, subject, state: 'ok', detail: what };
}

async function freeDisk(host: ExaminedHost, folder: string): Promise<Finding> {
  const subject = 'disk';
  const free = await host.freeBytes(folder);
  const detail = `${inMebibytes(free)} free`;
  if (free < diskReserveBytes) {
    return {
      area,
      subject,
      state: 'fail',
      detail: `${detail}: no sandbox starts below ${inMebibytes(diskReserveBytes)}`,
      advice: 'Make room, or put the home on a larger disk with --home.',
    };
  }
  if (free < 5 * diskReserveBytes) {
    const advice = 'Images and the files of sandboxes need room: make some.';
    return { area, subject, state: 'warn', detail: `only ${detail}`, advice };
  }
  return { area, subject, state: 'ok', detail };
}

/** A sandbox's disk is a file with a file system in it, mounted by a loop device. */
async function sandboxDisk(host: ExaminedHost, folder: string): Promise<Finding> {
  const subject = 'disks of sandboxes';
  if (!host.isRoot) return { area, subject, state: 'unknown', detail: 'only root can try one' };
  let dir: string;
  try {
    dir = await mkdtemp(join(folder, '.doctor-'));
  } catch (error) {
    return { area, subject, state: 'unknown', detail: `not tried: ${messageOf(error)}` };
  }
  try {
    const disks = await DiskFolder.open(dir, 'disk');
    const problem = await problemOf(makeDisk(disks, trial, 16 * 2 ** 20));
    if (problem === undefined)
      return { area, subject, state: 'ok', detail: 'ext4 in a file, by loop device' };
    return {
      area,
      subject,
      state: 'fail',
      detail: problem,
      advice:
        'Load the modules (modprobe loop ext4) and install e2fsprogs. In a container, give it loop devices: --privileged.',
    };
  } finally {
    await problemOf(DiskFolder.open(dir, 'disk').then((disks) => removeDisk(disks, trial)));
    await rm(dir, { recursive: true, force: true });
  }
}

async function memory(
  host: ExaminedHost,
  { admission, sandbox }: MachineExamination['config'],
): Promise<Finding> {
  const subject = 'memory';
  const kibibytes = /^MemAvailable:\s+(\d+) kB$/m.exec((await readText(host, '/proc/meminfo')) ?? '')?.[1];
  if (kibibytes === undefined)
    return {
      area,
      subject,
      state: 'fail',
      detail: '/proc/meminfo has no MemAvailable',
      advice: 'Mount /proc.',
    };
  const available = Number(kibibytes) * 1024;
  const detail = `${inMebibytes(available)} available`;
  const reserve = admission.memoryReserveBytes;
  if (available < reserve) {
    return {
      area,
      subject,
      state: 'fail',
      detail: `${detail}: no sandbox starts below ${inMebibytes(reserve)} (BERTH_MEMORY_RESERVE)`,
      advice: 'End programs that need memory.',
    };
  }
  if (available - reserve < sandbox.memoryBytes) {
    return {
      area,
      subject,
      state: 'ok',
      detail: `${detail}; a sandbox may take up to ${inMebibytes(sandbox.memoryBytes)} (BERTH_SANDBOX_MEMORY), which is more`,
    };
  }
  return { area, subject, state: 'ok', detail };
}

/** Each connection takes two: the caller's and the agent's. */
const fewOpenFiles = 16_384;

async function openFiles(host: ExaminedHost): Promise<Finding> {
  const subject = 'open files';
  const limit = /^Max open files\s+\S+\s+(\S+)/m.exec((await readText(host, '/proc/self/limits')) ?? '')?.[1];
  if (limit === undefined) return { area, subject, state: 'unknown', detail: 'the limit could not be read' };
  if (limit === 'unlimited' || Number(limit) >= fewOpenFiles)
    return { area, subject, state: 'ok', detail: `up to ${limit}` };
  return {
    area,
    subject,
    state: 'warn',
    detail: `the hard limit is ${limit}, for the server and for sandboxes: few calls at the same time`,
    advice: 'Raise it with ulimit -Hn 65536, or LimitNOFILE of the service.',
  };
}

/** Requests are signed with the time: five minutes apart, none is accepted. */
async function time(host: ExaminedHost): Promise<Finding> {
  const subject = 'clock';
  const answer = await tryRun(host, 'timedatectl', ['show', '--property=NTPSynchronized', '--value']);
  if (answer?.trim() === 'yes') return { area, subject, state: 'ok', detail: 'kept right by a time server' };
  if (answer?.trim() === 'no') {
    return {
      area,
      subject,
      state: 'warn',
      detail: 'not kept right by a time server; signatures are refused when it is five minutes wrong',
      advice: 'Run: timedatectl set-ntp true, or install chrony.',
    };
  }
  return { area, subject, state: 'unknown', detail: 'nothing tells whether a time server keeps it right' };
}

/** The home, or what of its path is there. */
async function nearestFolder(path: string): Promise<string> {
  const isThere = await stat(path).then(
    () => true,
    () => false,
  );
  return isThere || dirname(path) === path ? path : nearestFolder(dirname(path));
}
