import type { Clock } from '../../../shared/clock.ts';
import type { RandomSource } from '../../../shared/ids.ts';
import type { HostDisk } from '../../host-disk.ts';

/** Of a pool of file systems in files. */
export interface DiskPoolOptions {
  /** A folder of the pool's own, absolute. Made when missing. */
  readonly dir: string;
  /** Size of those that are prepared ahead. */
  readonly sizeBytes: number;
  readonly poolSize: number;
  /** Below its reserve none is made. */
  readonly host: HostDisk;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly log: { warn(fields: Readonly<Record<string, unknown>>, message: string): void };
}
