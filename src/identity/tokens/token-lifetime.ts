/** Of a workload token (contract 3.2). */
export const tokenLifetimeMs = 30 * 60_000;
