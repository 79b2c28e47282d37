import type { LiveSession } from './live-session.ts';
import type { RuntimeVersion } from '../runtimes/runtime.ts';
import type { SandboxId } from '../shared/ids.ts';
import type { Session } from './session.ts';

/** A live session and where its agent runs now. */
export interface AddressedSession {
  readonly session: Session;
  readonly version: RuntimeVersion;
  readonly sandboxId: SandboxId;
}

/**
 * Whose sandbox has an address. A session has its sandbox's address from when its agent is started, or the pooled sandbox is its own, until its
 * end begins: after that the address may become another's at any moment.
 */
export class SessionsByAddress {
  readonly #live: ReadonlyMap<string, LiveSession>;
  /** Where to look first; what is found there is looked at like any other. */
  readonly #hints = new Map<string, LiveSession>();

  constructor(live: ReadonlyMap<string, LiveSession>) {
    this.#live = live;
  }

  find(host: string): AddressedSession | undefined {
    const hint = this.#hints.get(host);
    const live =
      hint !== undefined && this.#live.get(hint.key) === hint && isAt(hint, host)
        ? hint
        : [...this.#live.values()].find((known) => isAt(known, host));
    if (live?.session === undefined || live.sandbox === undefined) {
      this.#hints.delete(host);
      return undefined;
    }
    this.#hints.set(host, live);
    return { session: live.session, version: live.version, sandboxId: live.sandbox.id };
  }
}

function isAt({ state, session, sandbox, goneError }: LiveSession, host: string): boolean {
  return (
    sandbox?.address.host === host &&
    (state === 'starting' || state === 'ready') &&
    // Another server may be ending it.
    session?.state !== 'stopping' &&
    goneError === undefined
  );
}
