/** One thing of a machine that was looked at, and how it is. */
export interface Finding {
  /** Headline that it is shown under. */
  readonly area: string;
  readonly subject: string;
  /**
   * `fail`: a server does not start so, or starts no sandbox. `warn`: it works, with the loss that `detail` tells. `off`: not there, and
   * nothing that is set needs it. `unknown`: could not be looked at.
   */
  readonly state: 'ok' | 'off' | 'unknown' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do, a sentence. */
  readonly advice?: string | undefined;
}
