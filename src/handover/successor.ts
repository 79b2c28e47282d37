import type { SandboxDriver } from '../sandboxes/sandbox-driver.ts';
import type { SessionRegistry } from '../sessions/session-registry.ts';
import type { Clock } from '../shared/clock.ts';
import type { HandoverChannel } from '../shared/handover-channel.ts';
import type { Steps } from '../shared/steps.ts';
import { Conversation } from './conversation.ts';
import { handoverProtocol, receivedError } from './handover-messages.ts';
import { RemoteSessions } from './remote-sessions.ts';
import { type RuntimeChanges, shareChanges } from './runtime-changes.ts';

export interface SuccessorParts extends RuntimeChanges {
  readonly channel: HandoverChannel;
  readonly sessions: Pick<SessionRegistry, 'custody' | 'callsInFlight' | 'give' | 'wasEnded'>;
  readonly driver: Pick<SandboxDriver, 'exec'>;
  /** Brings everything to rest that changes the state directory or the machine, sessions included; calls go on. */
  readonly pause: () => Promise<void>;
  /** Undoes as much of `pause` as was done. Never rejects. */
  readonly resume: () => Promise<void>;
  readonly clock: Clock;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
}

/** How long the new server may take from one step to the next. */
const stepLimitMs = 120_000;

/**
 * Hands a running server over to a new process. Resolves with `serving` when that serves and decides, and this one has only to
 * finish its calls, or with `end-first` when it must end before the new one can start. Rejects with the reason when the new one cannot
 * start: then nothing has changed.
 */
export async function handOver(parts: SuccessorParts): Promise<'serving' | 'end-first'> {
  const { sessions, driver, clock } = parts;
  const { custody } = sessions;
  const conversation = new Conversation(parts.channel);
  const step = <Answer>(answer: Promise<Answer>) => within(clock, answer);
  const { protocol, migrates } = await step(conversation.next('prepared')).catch(async (error: unknown) => {
    await parts.channel.end();
    throw error;
  });
  if (migrates || protocol !== handoverProtocol) return 'end-first';
  const remote = new RemoteSessions({ conversation, driver, clock });
  // Before the new server reads anything that it keeps in memory.
  shareChanges(conversation, parts);
  try {
    await parts.pause();
    custody.onLease((sandboxId, change) => conversation.send({ type: 'lease', sandboxId, change }));
    for (const [sandboxId, count] of sessions.callsInFlight())
      for (let call = 0; call < count; call += 1) conversation.send({ type: 'lease', sandboxId, change: 1 });
    parts.steps?.reached('handover:paused');
    const serving = conversation.next('serving');
    conversation.send({ type: 'yours' });
    await step(serving);
  } catch (error) {
    await parts.channel.end();
    await parts.resume();
    throw error;
  }
  conversation.on('gone', ({ sandboxId, error }) => {
    const reason = receivedError(error);
    sessions.wasEnded(sandboxId, reason);
    remote.wasEnded(sandboxId, reason);
  });
  sessions.give(remote);
  parts.steps?.reached('handover:given');
  conversation.send({ type: 'given' });
  return 'serving';
}

function within<Answer>(clock: Clock, answer: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(stepLimitMs, () =>
      reject(new Error(`It did not get ready within ${stepLimitMs / 1000} s.`)),
    );
    answer.then(resolve, reject).finally(cancel);
  });
}
