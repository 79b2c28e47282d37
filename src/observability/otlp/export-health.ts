import { messageOf } from '../../shared/errors.ts';
import type { Logger } from '../logger.ts';

/** Says in the log when exports of one kind begin to fail and when they work again, and nothing in between. */
export class ExportHealth {
  readonly #log: Logger;
  readonly #what: 'traces' | 'metrics';
  #isFailing = false;

  constructor({ log, what }: { readonly log: Logger; readonly what: 'traces' | 'metrics' }) {
    this.#log = log;
    this.#what = what;
  }

  /** After each export. Of an error only the message is shown: it may hold what the collector answered. */
  note(error: Error | undefined): void {
    const isFailing = error !== undefined;
    if (isFailing === this.#isFailing) return;
    this.#isFailing = isFailing;
    if (isFailing)
      this.#log.warn({ what: this.#what, reason: messageOf(error) }, 'telemetry cannot be exported');
    else this.#log.info({ what: this.#what }, 'telemetry is exported again');
  }
}
