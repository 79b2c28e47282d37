import type { EnginePrograms } from '../../sandboxes/containerd/engine-programs.ts';
import type { Isolation } from '../../sandboxes/containerd/isolations/isolation.ts';
import { readIsolationsFile } from '../../sandboxes/containerd/isolations/isolations-file.ts';
import { createIsolations } from '../../sandboxes/containerd/isolations/isolations.ts';
import {
  readUserNamespaceFacts,
  type UserNamespaceFacts,
  userNamespaceProblem,
} from '../../sandboxes/containerd/user-namespace-problem.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { Finding } from '../../shared/finding.ts';
import { programVersion, splitAdvice } from './engine.ts';
import type { ExaminedHost } from './examined-host.ts';
import { trySandbox } from './trial-sandbox.ts';

const area = 'Isolations';
/** As a server's own. */
const runDir = '/run/berth';

export interface IsolationsExamination {
  readonly host: ExaminedHost;
  readonly programs: EnginePrograms;
  /** Of sandboxes whose runtime names none. */
  readonly usual: string;
  readonly file: string | undefined;
  readonly home: string;
  /** The setting. */
  readonly userNamespaces: 'auto' | 'off';
  readonly socket: string | undefined;
  readonly clock: Clock;
}

/** Which walls can be had here. The usual one must be; one that nothing is set to need may be missing. */
export async function examineIsolations(examination: IsolationsExamination): Promise<readonly Finding[]> {
  const { programs, usual, file, home } = examination;
  try {
    const configured = file === undefined ? [] : await readIsolationsFile(file);
    const { all, require } = createIsolations({ programs, configured, home, runDir });
    const findings: Finding[] = [];
    // One after the other: a sandbox of gVisor is no small thing for a small machine.
    for (const isolation of all) findings.push(await examineOne(isolation, examination));
    findings.push(await examineUsers(examination));
    require(usual);
    return findings;
  } catch (error) {
    if (!(error instanceof BerthError)) throw error;
    const advice = error.message.startsWith('BERTH_ISOLATIONS_FILE')
      ? 'Correct the file; docs/isolation.md says what may be in it.'
      : 'Choose one of these with BERTH_ISOLATION or --isolation, or describe it in BERTH_ISOLATIONS_FILE.';
    return [{ area, subject: usual, state: 'fail', detail: error.message, advice }];
  }
}

async function examineUsers(examination: IsolationsExamination): Promise<Finding> {
  const finding = judgeUsers(examination.userNamespaces, await usersFacts(examination));
  if (examination.host.isRoot || finding.state !== 'ok') return finding;
  const detail = "nothing is against each sandbox's own; only root can try it";
  return { ...finding, state: 'unknown', detail };
}

/** Undefined for a containerd that is shared. */
async function usersFacts(examination: IsolationsExamination): Promise<UserNamespaceFacts | undefined> {
  const { host, programs, home, socket } = examination;
  if (socket !== undefined) return undefined;
  const [containerd, runc] = await Promise.all([programs.find('containerd'), programs.find('runc')]);
  return readUserNamespaceFacts({
    home,
    runDir,
    containerd: containerd === undefined ? undefined : await programVersion(host, containerd.path),
    runc: runc?.path,
    run: host.isRoot ? host.run.bind(host) : undefined,
  });
}

/** Whether root in a sandbox of runc is root on the host. */
export function judgeUsers(
  setting: IsolationsExamination['userNamespaces'],
  facts: UserNamespaceFacts | undefined,
): Finding {
  const subject = 'users of runc';
  if (setting === 'off') {
    const detail = "the host's, as BERTH_USER_NAMESPACES says: root in a sandbox is root's user id outside";
    return { area, subject, state: 'warn', detail, advice: 'Set it to auto.' };
  }
  const problem =
    facts === undefined
      ? 'A containerd that is shared is not given any. Name no socket to let the server have one of its own.'
      : userNamespaceProblem(facts);
  if (problem === undefined) {
    const detail = "each sandbox's own: root in it is nobody on the host";
    return { area, subject, state: 'ok', detail };
  }
  const [why = '', ...what] = problem.split(/(?<=\.) (?=[A-Z])/);
  const detail = `the host's: root in a sandbox is root's user id outside. ${why}`;
  return { area, subject, state: 'warn', detail, advice: what.join(' ') };
}

async function examineOne(
  isolation: Isolation,
  { host, programs, usual, clock }: IsolationsExamination,
): Promise<Finding> {
  const subject = isolation.name;
  const isUsual = subject === usual;
  const problem = await isolation.problem();
  const runtime = await isolation.ociRuntime();
  const init = (await programs.find('init'))?.path;
  if (problem !== undefined) {
    const isBuiltIn = subject === 'gvisor';
    const state = isUsual ? 'fail' : isBuiltIn ? 'off' : 'warn';
    return { area, subject, state, ...splitAdvice(problem) };
  }
  const usualSuffix = isUsual ? ', and is the usual one' : '';
  if (runtime === undefined) {
    const detail = `its program is there${usualSuffix}; it was not tried, because only containerd can start it`;
    return subject === 'runc'
      ? { area, subject, state: 'fail', detail: 'runc was not found' }
      : { area, subject, state: 'ok', detail };
  }
  if (!host.isRoot) return { area, subject, state: 'unknown', detail: `only root can try ${runtime}` };
  if (init === undefined)
    return { area, subject, state: 'unknown', detail: 'not tried: there is no init program' };
  const failure = await trySandbox({ host, runtime, init, isolation: isolation.spec, clock });
  if (failure === undefined)
    return { area, subject, state: 'ok', detail: `a sandbox ran by ${runtime}${usualSuffix}` };
  return {
    area,
    subject,
    state: isUsual ? 'fail' : 'warn',
    detail: `a sandbox did not run: ${failure}`,
    advice: isUsual
      ? 'See docs/isolation.md, or choose another with BERTH_ISOLATION.'
      : 'Runtimes that ask for it cannot be served here; see docs/isolation.md.',
  };
}
