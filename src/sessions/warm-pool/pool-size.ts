import type { SandboxOptions } from '../../runtimes/sandbox-options.ts';

/** Of a pool that follows demand and has no maximum of its own. */
const usualMaximum = 10;

/** Whether a runtime's options ask for pools at all. */
export function isPooling(options: SandboxOptions): boolean {
  return options.pool === 'auto' || (options['pool-min'] ?? 0) > 0;
}

/** How many sandboxes of a version should be ready; `demand` is what `RecentDemand` says. */
export function wantedMembers(options: SandboxOptions, demand: number): number {
  const minimum = options['pool-min'] ?? 0;
  const maximum = options['pool-max'] ?? Math.max(usualMaximum, minimum);
  return Math.min(maximum, Math.max(minimum, options.pool === 'auto' ? demand : 0));
}
