import type { IdGenerator } from '@opentelemetry/sdk-trace';
import type { Clock } from '../../shared/clock.ts';
import type { RandomSource } from '../../shared/ids.ts';

/** Ids that AWS X-Ray takes as well: a trace's begins with the second in which it was made. */
export class TraceIds implements IdGenerator {
  readonly #clock: Clock;
  readonly #random: RandomSource;
  #given: string | undefined;

  constructor({ clock, random }: { readonly clock: Clock; readonly random: RandomSource }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** The id of the next trace, which somebody else has begun. */
  giveTraceId(traceId: string | undefined): void {
    this.#given = traceId;
  }

  generateTraceId(): string {
    const given = this.#given;
    this.#given = undefined;
    const seconds = Math.floor(this.#clock.now() / 1000);
    return given ?? `${seconds.toString(16).padStart(8, '0')}${this.#hex(12)}`;
  }

  generateSpanId(): string {
    const id = this.#hex(8);
    // All zeros is no id.
    return /[^0]/.test(id) ? id : this.generateSpanId();
  }

  #hex(byteCount: number): string {
    return Buffer.from(this.#random(byteCount)).toString('hex');
  }
}
