import { type ChildProcess, spawn } from 'node:child_process';

import type { Clock } from '../../../shared/clock.ts';
import { engineSearchPath } from '../find-program.ts';

export interface RuleWatchParts {
  /** Looks whether the rules are there and puts them back. Something was deleted, or it is only time. Never rejects. */
  readonly check: (reason: 'deletion' | 'time') => Promise<void>;
  readonly clock: Pick<Clock, 'after'>;
}

/** A restart of a firewall deletes several tables in a row, and makes its own again after that. */
const quietMs = 100;
/** For what the kernel did not tell, or told while nobody listened. */
const everyMs = 10_000;
const restartMs = 5_000;

/**
 * Calls `check` as soon as a table of nftables, whosever it is, is deleted on this machine, and every ten seconds. The kernel's
 * messages come through `nft monitor`, which ends with this process, however that ends: its shell waits for the end of its input.
 */
export function watchRules({ check, clock }: RuleWatchParts): AsyncDisposable {
  let isClosed = false;
  let monitor: ChildProcess | undefined;
  let cancelSoon: (() => void) | undefined;
  let cancelLater = () => {};
  let cancelRestart = () => {};
  let checking = Promise.resolve();

  function checkNow(reason: 'deletion' | 'time'): void {
    cancelLater();
    if (isClosed) return;
    checking = checking.then(() => check(reason));
    cancelLater = clock.after(everyMs, () => checkNow('time'));
  }

  function checkSoon(): void {
    cancelSoon ??= clock.after(quietMs, () => {
      cancelSoon = undefined;
      checkNow('deletion');
    });
  }

  function listen(): void {
    if (isClosed) return;
    const program =
      'nft monitor destroy tables & monitor=$!; while read -r line; do :; done; kill "$monitor"';
    const child = spawn('sh', ['-c', program], {
      env: { PATH: engineSearchPath(), LC_ALL: 'C' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    monitor = child;
    child.unref();
    for (const stream of [child.stdin, child.stdout]) stream.on('error', () => {});
    child.stdout.on('data', checkSoon);
    child.stdout.on('close', () => {
      child.stdin.end();
      cancelRestart = clock.after(restartMs, listen);
    });
    child.on('error', () => {});
  }

  listen();
  cancelLater = clock.after(everyMs, () => checkNow('time'));
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      cancelSoon?.();
      cancelLater();
      cancelRestart();
      monitor?.stdin?.end();
      await checking;
    },
  };
}
