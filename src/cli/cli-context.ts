import type { Clock } from '../shared/clock.ts';
import type { Config } from '../config/config.ts';
import type { Finding } from '../shared/finding.ts';
import type { RandomSource } from '../shared/ids.ts';
import type { SystemdPaths } from './service/systemd.ts';
import type { HandedDownAddresses } from './server-process/handed-down.ts';
import type { HandedDown, StartServer } from './server-process/running-server.ts';

/** A stream that text or bytes are written to; a write resolves when the reader has taken it, or will never. */
export interface Output {
  readonly isTTY: boolean;
  /** Aborts when nobody can read it any more: the end for a command that only prints. */
  readonly closed: AbortSignal;
  write(chunk: string | Uint8Array): Promise<void>;
}

/** What the user types or pipes in. */
export interface Input extends AsyncIterable<Uint8Array> {
  readonly isTTY: boolean;
  /** Asks on the terminal; what is typed is not shown when `isSecret`. */
  ask(question: string, options?: { readonly isSecret?: boolean }): Promise<string>;
}

/** The user's terminal without its line editing: every key comes as it is pressed, Ctrl-C too, until it is disposed. */
export interface RawTerminal extends Disposable {
  readonly keys: AsyncIterable<Uint8Array>;
  size(): { readonly columns: number; readonly rows: number };
  onResize(listener: () => void): void;
}

/** Looks at this machine as a place for a server; `serverPid` is the one that runs on the same home. `main.ts` hands it in. */
export type Examine = (config: Config, serverPid: number | undefined) => Promise<readonly Finding[]>;

/** A child process that has the terminal. */
export interface Borrower {
  kill(signal: 'SIGTERM'): unknown;
}

/** Everything that a command takes from outside, so that tests can give it another world. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: Input;
  readonly stdout: Output;
  readonly stderr: Output;
  /** The user's home folder. */
  readonly userHome: string;
  readonly uid: number;
  /** Of this machine. */
  readonly hostsFile: string;
  readonly systemd: SystemdPaths;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly version: string;
  /** The absolute path by which this program was or can be called. */
  readonly program: string;
  /** Aborts on the first Ctrl-C or SIGTERM; a second one ends the process. */
  readonly interrupted: AbortSignal;
  /** Until disposed, the terminal and its signals are the child's. */
  lendTerminal(child: Borrower): Disposable;
  /** Only when stdin and stdout are one. */
  openTerminal(): RawTerminal;
  readonly startServer: StartServer;
  readonly examine: Examine;
  /** Of a server that was started by the one before it, or by a service manager that listens already. */
  handedDown(listen: HandedDownAddresses): HandedDown;
  /** Calls back on SIGHUP, which ends the process otherwise, until disposed. */
  onHangUp(listener: () => void): Disposable;
}
