import type { Config } from '../../config/config.ts';
import type { HandoverChannel, InheritedListeners } from '../../shared/handover-channel.ts';
import type { MasterKeys } from '../../shared/master-keys.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';

/** A server inside this process, listening. Disposing drains it: no new work, then the running calls, then release. Sandboxes stay. */
export interface RunningServer extends AsyncDisposable {
  /** Where clients reach it: the public URL. */
  readonly url: string;
  readonly engine: {
    /** As in `containerd 1.7.2 (private), runc 1.2.8`. */
    readonly description: string;
    readonly isolation: string;
    /** Each a sentence that says what is wrong and what to do. */
    readonly warnings: readonly string[];
  };
  /** The admin key of the first start; also in the file `credentials` of the home directory. */
  readonly credentials: ServerCredentials;
  /** Sandboxes that go on running when the server ends. */
  countSandboxes(): Promise<number>;
  /**
   * Has another process take over, which `launch` starts with the sockets of this one. Resolves when that serves, or, with
   * `end-first`, waits for this server to be disposed. Rejects with why it could not start; this server then goes on.
   */
  handOver(launch: (listeners: InheritedListeners) => HandoverChannel): Promise<'serving' | 'end-first'>;
  /** After a handover: resolves when this server's calls are over, their time is, or `signal` aborts. */
  finishCalls(signal: AbortSignal): Promise<void>;
}

/** The server to take over from, and what it hands down. */
export interface HandedDown {
  readonly predecessor?: HandoverChannel | undefined;
  readonly listeners?: InheritedListeners | undefined;
}

/** Rejects with a `BerthError` that says what keeps the server from starting. `main.ts` hands it in. */
export type StartServer = (
  config: Config,
  options: HandedDown & { readonly masterKeys: MasterKeys },
) => Promise<RunningServer>;
