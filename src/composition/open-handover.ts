import type { PublicListener } from '../api/public-listener.ts';
import type { Predecessor } from '../handover/predecessor.ts';
import { handOver, type SuccessorParts } from '../handover/successor.ts';
import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import { attemptAll } from '../shared/attempt-all.ts';
import type { Clock } from '../shared/clock.ts';
import { messageOf } from '../shared/errors.ts';
import type { HandoverChannel, InheritedListeners } from '../shared/handover-channel.ts';
import type { Steps } from '../shared/steps.ts';
import type { HomeLock } from '../storage/home-lock.ts';
import type { JobQueue } from '../storage/job-queue.ts';
import type { Config } from '../config/config.ts';
import type { BlobSource } from '../images/lazy/blob-source.ts';
import type { SandboxLogArchive } from '../sandboxes/sandbox-log-archive.ts';
import type { InternalListeners } from './internal-listeners.ts';
import { descriptorsOf, type ListeningSocket } from './listening-sockets.ts';
import type { openRuntimes } from './open-runtimes.ts';
import type { Sandboxes } from './open-sandboxes.ts';
import type { Upkeep } from './open-upkeep.ts';

export interface HandoverParts {
  readonly config: Pick<Config, 'upgradeTimeoutMs'>;
  readonly lock: HomeLock;
  readonly sandboxes: Pick<Sandboxes, 'pause' | 'resume' | 'abandon'>;
  readonly driver: Pick<SandboxDriver, 'exec'>;
  readonly sessions: Pick<SessionRegistry, 'pause' | 'resume'> & SuccessorParts['sessions'];
  readonly jobs: Pick<JobQueue, 'pause' | 'start' | 'wake'>;
  readonly runtimes: Pick<ReturnType<typeof openRuntimes>, 'changes'>;
  /** Of sandboxes; rotated by one server only. */
  readonly logs: Pick<SandboxLogArchive, 'pause' | 'resume'>;
  /** Begins nothing more once `sessions` are paused. */
  readonly upkeep: Pick<Upkeep, 'settled'>;
  /** Undefined when no image starts before it is here. */
  readonly blobSource: Pick<BlobSource, 'reclaim'> | undefined;
  readonly sockets: readonly ListeningSocket[];
  readonly publicListener: Pick<PublicListener, 'leave' | 'stopAccepting'>;
  readonly internalListeners: Pick<InternalListeners, 'leave' | 'stopAccepting'>;
  /** Calls that it still relays lead through this server. */
  readonly predecessor: Pick<Predecessor, 'gone'> | undefined;
  readonly clock: Clock;
  readonly log: { error(fields: Readonly<Record<string, unknown>>, message: string): void };
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

/** What a running server can do to be replaced by another one without a call that fails. */
export interface Handover {
  /**
   * `launch` starts the new server with the sockets that this one listens at. Resolves when that serves, or, with `end-first`,
   * waits for this one to end. Rejects with why it could not start; this server then goes on as if nothing had been.
   */
  handOver(launch: (listeners: InheritedListeners) => HandoverChannel): Promise<'serving' | 'end-first'>;
  /** After a handover: resolves when the calls of this server are over, their time is, or the new server is gone. */
  finishCalls(signal: AbortSignal): Promise<void>;
}

export function openHandover(parts: HandoverParts): Handover {
  const { config, lock, sandboxes, driver, sessions, jobs, runtimes, clock, log } = parts;
  const { logs, upkeep, blobSource, publicListener, internalListeners } = parts;
  let channel: HandoverChannel | undefined;
  return {
    async handOver(launch) {
      channel = launch(descriptorsOf(parts.sockets));
      const outcome = await handOver({
        channel,
        sessions,
        driver,
        ...runtimes.changes,
        clock,
        steps: parts.steps,
        async pause() {
          await jobs.pause();
          await sessions.pause();
          await upkeep.settled();
          await sandboxes.pause();
          await logs.pause();
          lock.release();
        },
        async resume() {
          await attemptAll(
            () => lock.take(),
            () => sandboxes.resume(),
            () => blobSource?.reclaim(),
            () => logs.resume(),
            () => sessions.resume(),
            () => jobs.start(),
          ).catch((error: unknown) =>
            log.error(
              { error: messageOf(error) },
              'after an upgrade that failed not everything could be taken up again; restart the server',
            ),
          );
        },
      });
      if (outcome === 'serving') sandboxes.abandon();
      // The new server holds the sockets open: whoever comes now is served by it.
      else await Promise.all([publicListener.stopAccepting(), internalListeners.stopAccepting()]);
      return outcome;
    },
    finishCalls(signal) {
      return new Promise((resolve) => {
        const cancel = clock.after(config.upgradeTimeoutMs, resolve);
        for (const end of [signal, channel?.closed]) {
          if (end?.aborted === true) resolve();
          end?.addEventListener('abort', () => resolve(), { once: true });
        }
        void Promise.all([publicListener.leave(), internalListeners.leave(), parts.predecessor?.gone])
          .then(() => resolve())
          .finally(cancel);
      });
    },
  };
}
