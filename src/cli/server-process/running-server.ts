import type { Config } from '../../config/config.ts';
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
}

/** Rejects with a `BerthError` that says what keeps the server from starting. `main.ts` hands it in. */
export type StartServer = (
  config: Config,
  secrets: { readonly masterKey: Uint8Array },
) => Promise<RunningServer>;
