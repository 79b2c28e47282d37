import { BerthError } from '../shared/errors.ts';
import type { Caller, RunningCall } from './running-call.ts';

/** What makes a request the same one sent again (contract 1.2: SDKs keep `amz-sdk-invocation-id` across retries). */
export interface CallIdentity {
  readonly callerId: string;
  /** Of who is behind the call; empty without one. One user's answer is not another's. */
  readonly userId: string;
  readonly runtimeId: string;
  readonly qualifier: string;
  readonly sessionId: string;
  readonly sdkInvocationId: string;
  /** Of the body: SDKs keep it, too. */
  readonly bodySha256: string;
}

/** A place at a running call, for a re-send whose body is still to be proven. */
export interface Reservation {
  /** Resolves when the caller has its answer or is gone. */
  attach(caller: Caller): Promise<void>;
  cancel(): void;
}

/** The calls that a re-send can be attached to. */
export class RunningCalls {
  readonly #calls = new Map<string, RunningCall>();

  /** Until the call is over. */
  add(identity: CallIdentity, call: RunningCall): void {
    const key = keyOf(identity);
    this.#calls.set(key, call);
    void call.over.then(() => {
      if (this.#calls.get(key) === call) this.#calls.delete(key);
    });
  }

  /** Undefined when there is no such call, or its caller has already been answered. */
  reserve(identity: CallIdentity): Reservation | undefined {
    const call = this.#calls.get(keyOf(identity));
    if (call === undefined || call.isAnswered) return undefined;
    const cancel = call.reserve();
    return {
      cancel,
      attach: (caller) => {
        // What the first caller has been sent is gone; the agent must not run again for the same request.
        if (call.isAnswered) {
          cancel();
          caller.refuse(answeredAlready());
          return Promise.resolve();
        }
        call.attach(caller);
        cancel();
        return call.over;
      },
    };
  }
}

function keyOf(identity: CallIdentity): string {
  const { callerId, userId, runtimeId, qualifier, sessionId, sdkInvocationId, bodySha256 } = identity;
  return [callerId, userId, runtimeId, qualifier, sessionId, sdkInvocationId, bodySha256].join('\n');
}

function answeredAlready(): BerthError {
  return new BerthError(
    'conflict',
    'This request is being answered already, on the connection that it came on first.',
  );
}
