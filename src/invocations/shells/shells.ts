import type { SessionLease } from '../../sessions/session-lease.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { Shell } from './shell.ts';

export interface ShellClaim {
  readonly lease: SessionLease;
  readonly shellId: string;
  /** Whose shell it is; nobody else is let into it. */
  readonly callerId: string;
  readonly signal: AbortSignal;
}

/** Contract 1.5. */
export const shellsPerSession = 10;
const size = { columns: 80, rows: 24 };
/** bash where there is one. */
const program = ['/bin/sh', '-c', 'command -v bash >/dev/null 2>&1 && exec bash; exec /bin/sh'];

/** The shells of all sessions, by the sandbox that they run in and the id that their client chose. */
export class Shells implements AsyncDisposable {
  readonly #clock: Clock;
  /** Undefined while it is being started. */
  readonly #bySandbox = new Map<string, Map<string, Shell | undefined>>();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /**
   * The shell of this id, started if there is none. Rejects with `conflict` while somebody else is starting it, with
   * `runtime-client-error` when there are enough or the image has no shell.
   */
  async claim({ lease, shellId, callerId, signal }: ShellClaim): Promise<Shell> {
    const { sandboxId } = lease;
    const shells = this.#bySandbox.get(sandboxId) ?? new Map<string, Shell | undefined>();
    const known = shells.get(shellId);
    if (known !== undefined) {
      if (known.callerId === callerId) return known;
      throw new BerthError(
        'access-denied',
        `The shell ${shellId} belongs to another caller. Open one of your own.`,
      );
    }
    if (shells.has(shellId))
      throw new BerthError(
        'conflict',
        `The shell ${shellId} is being opened already. Try again in a second.`,
      );
    if (shells.size >= shellsPerSession) {
      throw new BerthError(
        'runtime-client-error',
        `${shellsPerSession} shells are open in this session, which is the most it may have; those that nobody is connected to count. Close one first.`,
      );
    }
    this.#bySandbox.set(sandboxId, shells.set(shellId, undefined));
    const onForgotten = () => {
      if (shells.get(shellId) === started) shells.delete(shellId);
      if (shells.size === 0 && this.#bySandbox.get(sandboxId) === shells) this.#bySandbox.delete(sandboxId);
    };
    let started: Shell | undefined;
    try {
      const spec = { args: program, terminal: size, environment: { TERM: 'xterm-256color' } };
      started = new Shell({
        shellId,
        callerId,
        program: await lease.exec(spec, signal),
        lease,
        clock: this.#clock,
        onForgotten,
      });
      shells.set(shellId, started);
      return started;
    } catch (error) {
      onForgotten();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#bySandbox.values()].flatMap((shells) => [...shells.values()]);
    const running = all.filter((shell) => shell !== undefined);
    await Promise.all(running.map((shell) => shell[Symbol.asyncDispose]()));
  }
}
