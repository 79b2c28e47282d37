import type { Readable, Writable } from 'node:stream';

/** In characters, each 1 to 65,535. */
export interface TerminalSize {
  readonly columns: number;
  readonly rows: number;
}

/** A program to run beside the agent: as the same user, in its folder, with its variables, behind the same walls. */
export interface ExecSpec {
  /** The program, looked up in the image's PATH, and its arguments. */
  readonly args: readonly string[];
  /** Added over the agent's variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** With one, stdout carries both streams, and the program learns of the end of the terminal when stdin ends. */
  readonly terminal?: TerminalSize | undefined;
}

/**
 * A program that was started in a sandbox. Its streams hold it back when they are not read, and none of them reports an error:
 * they end when it does, or when its sandbox does.
 */
export interface SandboxProcess extends AsyncDisposable {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Empty with a terminal. */
  readonly stderr: Readable;
  /**
   * Its exit code, 128 and the signal's number when a signal ended it. Resolves when it is over, though output may still be
   * unread; never rejects. What it left running in the background goes on, without its streams.
   */
  readonly exit: Promise<number>;
  /** Does nothing without a terminal, or once it is over. */
  resize(size: TerminalSize): Promise<void>;
  /** Signals it and everything that it has started, unless that became a daemon. Does nothing once it is over; never rejects. */
  kill(signal: 'SIGHUP' | 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Kills it when it is not over, and forgets it. Idempotent; never rejects. One that cannot be killed is left to the next sweep. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** How many programs may run in one sandbox beside its agent. */
export const execsPerSandbox = 32;
