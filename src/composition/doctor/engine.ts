import { join } from 'node:path';
import { connectContainerd } from '../../sandboxes/containerd/api/containerd-api.ts';
import { requireDaemonProgram, requireInit } from '../../sandboxes/containerd/engine-needs.ts';
import type {
  EngineProgram,
  EngineProgramName,
  EnginePrograms,
} from '../../sandboxes/containerd/engine-programs.ts';
import { runcWarnings } from '../../sandboxes/containerd/inspect-engine.ts';
import type { Finding } from '../../shared/finding.ts';
import { type ExaminedHost, exists, problemOf, tryRun } from './examined-host.ts';

const area = 'Engine';

export interface EngineExamination {
  readonly host: ExaminedHost;
  readonly programs: EnginePrograms;
  /** Of a containerd that is used instead of a private one. */
  readonly socket: string | undefined;
}

/** The programs that a server would start: which, from where, in which version. */
export async function examineEngine(examination: EngineExamination): Promise<readonly Finding[]> {
  const { host, programs, socket } = examination;
  const shown = socket === undefined ? daemonPrograms : ['runc', 'init'];
  const names = shown as readonly EngineProgramName[];
  const found = await Promise.all(names.map((name) => programs.find(name)));
  const lines = await Promise.all(found.flatMap((program) => (program ? [describe(host, program)] : [])));
  const needs = [
    ...(socket === undefined ? [requireDaemonProgram(programs)] : []),
    requireInit(programs),
  ].map(problemOf);
  const missing = (await Promise.all(needs)).filter((problem) => problem !== undefined);
  return [
    ...(socket === undefined ? [] : [await sharedDaemon(host, socket)]),
    ...lines,
    ...(await otherEngines(host, socket)),
    ...missing.map((detail): Finding => ({
      area,
      subject: 'programs',
      state: 'fail',
      ...splitAdvice(detail),
    })),
  ];
}

const daemonPrograms: readonly EngineProgramName[] = [
  'containerd',
  'containerd-shim-runc-v2',
  'runc',
  'init',
];

const sources: Readonly<Record<EngineProgram['source'], string>> = {
  folder: 'of BERTH_ENGINE',
  package: "of Berth's package",
  build: 'built in this clone',
  system: 'of the system',
};

async function describe(host: ExaminedHost, { name, path, source }: EngineProgram): Promise<Finding> {
  const version = await versionOf(host, name, path);
  const detail = [version, path, `(${sources[source]})`].filter((part) => part !== undefined).join(' ');
  const problems = name === 'runc' ? runcWarnings(version) : name === 'containerd' ? oldDaemon(version) : [];
  const [problem] = problems;
  return problem === undefined
    ? { area, subject: name, state: 'ok', detail }
    : { area, subject: name, state: 'warn', detail, advice: problem };
}

async function versionOf(
  host: ExaminedHost,
  name: EngineProgramName,
  path: string,
): Promise<string | undefined> {
  if (name !== 'containerd' && name !== 'runc') return undefined;
  return programVersion(host, path);
}

/** As in `2.4.2`; undefined when it does not tell. */
export async function programVersion(host: ExaminedHost, path: string): Promise<string | undefined> {
  const said = (await tryRun(host, path, ['--version'])) ?? '';
  return /\bv?(\d+\.\d+\.\d+)/.exec(said)?.[1];
}

/** What the engine tests run on is 1.6 and later. */
function oldDaemon(version: string | undefined): readonly string[] {
  if (version === undefined) return ['It does not tell its version: can this machine run it?'];
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > 1 || (major === 1 && minor >= 6)) return [];
  return [`containerd ${version} is older than those that Berth is tried with: install 1.6 or newer.`];
}

async function sharedDaemon({ isRoot }: ExaminedHost, socket: string): Promise<Finding> {
  const subject = 'containerd';
  if (!isRoot) return { area, subject, state: 'unknown', detail: `only root can ask the one at ${socket}` };
  const advice = 'Start it, or name no socket to let the server have one of its own.';
  const silent: Finding = { area, subject, state: 'fail', detail: `nothing answers at ${socket}`, advice };
  if (!(await exists(socket))) return silent;
  const api = connectContainerd({ socketPath: socket, namespace: 'default' });
  try {
    const version = await api.system.version({ timeoutMs: 5_000 });
    return { area, subject, state: 'ok', detail: `${version}, shared, at ${socket}` };
  } catch {
    return silent;
  } finally {
    api.close();
  }
}

/** People who have Docker want to know what becomes of it. */
async function otherEngines({ root }: ExaminedHost, used: string | undefined): Promise<readonly Finding[]> {
  const sockets = ['/run/docker.sock', '/run/containerd/containerd.sock', '/run/podman/podman.sock'];
  const isThere = await Promise.all(sockets.map((socket) => exists(join(root, socket))));
  const others = sockets.filter((socket, at) => isThere[at] === true && socket !== used);
  if (others.length === 0) return [];
  const detail = `${others.join(', ')}: left alone; their images and containers are not Berth's`;
  return [{ area, subject: 'others beside it', state: 'ok', detail }];
}

/** The first sentence says what is wrong, the others what to do. */
export function splitAdvice(problem: string): Pick<Finding, 'detail' | 'advice'> {
  const at = problem.search(/[.:] (?=Run|[Ii]nstall|[Aa]dd)/);
  if (at < 0) return { detail: problem };
  const advice = problem.slice(at + 2);
  return { detail: problem.slice(0, at), advice: advice.charAt(0).toUpperCase() + advice.slice(1) };
}
