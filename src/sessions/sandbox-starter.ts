import { protocolPorts, type RuntimeVersion } from '../runtimes/runtime.ts';
import type { SandboxOptions } from '../runtimes/sandbox-options.ts';
import type { VersionNetwork } from '../runtimes/version-network.ts';
import type { AdmissionGate } from '../sandboxes/admission.ts';
import type {
  RunningSandbox,
  SandboxDriver,
  SandboxExit,
  SandboxLimits,
  SandboxSpec,
} from '../sandboxes/sandbox-driver.ts';
import type { EgressPolicy } from '../sandboxes/egress-policy.ts';
import type { SandboxLog } from '../sandboxes/sandbox-log.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import type { MountedStorage } from '../sandboxes/storage-volumes.ts';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { RuntimeId, SandboxId, Scope } from '../shared/ids.ts';
import type { AgentProbe, ProbeFailure } from './agent-probe.ts';
import { chosenEgress } from './chosen-egress.ts';
import { waitUntilReady } from './readiness.ts';
import { exitReason, silenceReason, startFailure } from './start-failure.ts';

export interface SandboxStarterParts {
  readonly driver: Pick<SandboxDriver, 'start' | 'waitForExit'>;
  readonly gate: Pick<AdmissionGate, 'enter'>;
  readonly probe: AgentProbe;
  readonly logs: Pick<SandboxLogArchive, 'begin'>;
  readonly environmentOf: (scope: Scope, version: RuntimeVersion) => Readonly<Record<string, string>>;
  /** What the runtime's operator set; the rest is as below. */
  readonly optionsOf: (runtimeId: RuntimeId) => Promise<SandboxOptions>;
  /** What the networks of the mode VPC may reach; throws `validation` for an unknown id. */
  readonly networkOf: (network: VersionNetwork) => EgressPolicy;
  readonly limits: SandboxLimits;
  readonly isolation: string;
  readonly startTimeoutMs: number;
  readonly clock: Clock;
}

export interface SandboxStart {
  readonly sandboxId: SandboxId;
  readonly scope: Scope;
  readonly version: RuntimeVersion;
  /** Its session's; undefined for a version without. */
  readonly storage: MountedStorage | undefined;
  readonly signal: AbortSignal;
  /** Told before the agent runs. */
  readonly onLog: (log: SandboxLog) => void;
  /** Told when it runs, and before anybody knows whether its agent is healthy. */
  readonly onSandbox?: (sandbox: RunningSandbox) => void;
  /** What it is made by; when not given, as its runtime's options say now. */
  readonly blueprint?: SandboxBlueprint;
  /** Nobody waits for it: those that somebody waits for come first. */
  readonly isAhead?: boolean;
}

/** All that makes a version's sandboxes alike. */
export type SandboxBlueprint = Omit<SandboxSpec, 'id' | 'storage' | 'logFile'>;

/** A container that runs is let wait for its agent without holding up other starts for longer than this. */
const placeMs = 5_000;
/** Ports that agents listen on by mistake. */
const likelyPorts = [...new Set([...Object.values(protocolPorts), 80, 3000, 5000, 8888])];

/** Starts one sandbox and waits until its agent is healthy; when that fails its caller removes what is left of it. */
export class SandboxStarter {
  readonly #parts: SandboxStarterParts;

  constructor(parts: SandboxStarterParts) {
    this.#parts = parts;
  }

  /** Rejects with `runtime-client-error` when the agent does not come up, with the gate's error, or with the signal's reason. */
  start(start: SandboxStart): Promise<RunningSandbox> {
    return this.#run(
      start.version,
      start.signal,
      (signal, overtime) => this.#launch(start, signal, overtime),
      { isAhead: start.isAhead },
    );
  }

  /** The same for a sandbox that `bring` brings back from disk. */
  wake(
    version: RuntimeVersion,
    wanted: AbortSignal,
    bring: (signal: AbortSignal) => Promise<RunningSandbox>,
  ): Promise<RunningSandbox> {
    return this.#run(version, wanted, bring, { isWaking: true });
  }

  async #run(
    version: RuntimeVersion,
    wanted: AbortSignal,
    launch: (signal: AbortSignal, overtime: AbortSignal) => Promise<RunningSandbox>,
    {
      isAhead = false,
      isWaking = false,
    }: { readonly isAhead?: boolean | undefined; readonly isWaking?: boolean },
  ): Promise<RunningSandbox> {
    const { gate, clock, startTimeoutMs } = this.#parts;
    using pass = await gate.enter(version.runtimeId, wanted, { isAhead });
    let cancelPlace = () => {};
    const overtime = new AbortController();
    const cancel = clock.after(startTimeoutMs, () => overtime.abort(new Error('The start took too long.')));
    try {
      const signal = AbortSignal.any([wanted, overtime.signal]);
      const sandbox = await launch(signal, overtime.signal);
      cancelPlace = clock.after(placeMs, () => pass.release());
      await this.#waitForAgent(sandbox, version, { wanted, overtime: overtime.signal });
      // What comes back from disk says nothing of how long starts take.
      if (!isWaking) pass.succeed();
      return sandbox;
    } finally {
      cancel();
      cancelPlace();
    }
  }

  async blueprint(scope: Scope, version: RuntimeVersion): Promise<SandboxBlueprint> {
    const { environmentOf, optionsOf } = this.#parts;
    const options = await optionsOf(version.runtimeId);
    return {
      owner: {
        kind: 'runtime',
        accountId: scope.accountId,
        region: scope.region,
        runtimeId: version.runtimeId,
        version: version.version,
      },
      image: imageOf(version),
      environment: environmentOf(scope, version),
      limits: chosenLimits(options, this.#parts.limits),
      isolation: options.isolation ?? this.#parts.isolation,
      egress: chosenEgress(options, version, this.#parts.networkOf),
    };
  }

  /** For a sandbox whose start a killed server had not seen to its end. */
  async resume(sandbox: RunningSandbox, version: RuntimeVersion, wanted: AbortSignal): Promise<void> {
    const { clock, startTimeoutMs } = this.#parts;
    const overtime = new AbortController();
    const leftMs = Math.max(0, sandbox.startedAtMs + startTimeoutMs - clock.now());
    const cancel = clock.after(leftMs, () => overtime.abort(new Error('The start took too long.')));
    try {
      await this.#waitForAgent(sandbox, version, { wanted, overtime: overtime.signal });
    } finally {
      cancel();
    }
  }

  async #launch(start: SandboxStart, signal: AbortSignal, overtime: AbortSignal): Promise<RunningSandbox> {
    const { driver, logs, startTimeoutMs } = this.#parts;
    const { sandboxId: id, scope, version, storage } = start;
    const blueprint = start.blueprint ?? (await this.blueprint(scope, version));
    const log = await logs.begin(version.runtimeId, id);
    start.onLog(log);
    try {
      const sandbox = await driver.start({ ...blueprint, id, storage, logFile: log.path }, signal);
      start.onSandbox?.(sandbox);
      return sandbox;
    } catch (error) {
      start.signal.throwIfAborted();
      if (overtime.aborted)
        throw startFailure(startTimeoutMs, 'The container itself did not start in this time.', error);
      if (
        error instanceof BerthError &&
        (error.code === 'runtime-client-error' || error.code === 'not-found')
      ) {
        throw startFailure(startTimeoutMs, error.message, error);
      }
      throw error;
    }
  }

  async #waitForAgent(
    sandbox: RunningSandbox,
    version: RuntimeVersion,
    { wanted, overtime }: { readonly wanted: AbortSignal; readonly overtime: AbortSignal },
  ): Promise<void> {
    const { driver, probe, clock, startTimeoutMs } = this.#parts;
    const over = new AbortController();
    const signal = AbortSignal.any([wanted, overtime, over.signal]);
    const target = { address: sandbox.address, protocol: version.protocol };
    let lastFailure: ProbeFailure | undefined;
    const onFailure = (failure: ProbeFailure) => (lastFailure = failure);
    try {
      await Promise.race([
        waitUntilReady({ probe, clock, target, onFailure, signal }),
        exitOf(driver, sandbox.id, signal).then((exit) => {
          throw startFailure(startTimeoutMs, exitReason(version, exit));
        }),
      ]);
    } catch (error) {
      throw wanted.aborted || !overtime.aborted ? error : await this.#silence(sandbox, version, lastFailure);
    } finally {
      over.abort();
    }
  }

  async #silence(
    sandbox: RunningSandbox,
    version: RuntimeVersion,
    last: ProbeFailure | undefined,
  ): Promise<BerthError> {
    const { probe, startTimeoutMs } = this.#parts;
    const open = last?.kind === 'bad-answer' ? [] : await probe.openPorts(sandbox.address, likelyPorts);
    return startFailure(startTimeoutMs, silenceReason(version, last, open), last);
  }
}

/** Undefined when the engine does not know the sandbox any more. An engine that does not answer says nothing: the probe decides then. */
async function exitOf(
  driver: Pick<SandboxDriver, 'waitForExit'>,
  id: SandboxId,
  signal: AbortSignal,
): Promise<SandboxExit | undefined> {
  try {
    return await driver.waitForExit(id, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof BerthError && error.code === 'not-found') return undefined;
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(asError(signal.reason)), { once: true });
    });
  }
}

/** Never more than the server's machine has: its own limits are capped to it, these by the kernel. */
function chosenLimits(options: SandboxOptions, usual: SandboxLimits): SandboxLimits {
  return {
    memoryBytes: options.memory ?? usual.memoryBytes,
    cpus: options.cpus ?? usual.cpus,
    pids: options.pids ?? usual.pids,
    diskBytes: options.disk ?? usual.diskBytes,
  };
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason));
}

function imageOf(version: RuntimeVersion): SandboxSpec['image'] {
  const { manifest } = version.artifact;
  if (manifest === undefined) {
    throw new BerthError(
      'internal',
      `Version ${version.version} of ${version.runtimeId} serves without an image.`,
    );
  }
  return manifest as SandboxSpec['image'];
}
