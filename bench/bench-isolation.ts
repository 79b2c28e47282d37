/** Whose benchmarks are paired with the bare OCI runtime. */
export const benchIsolations = ['runc', 'gvisor'] as const;
export type BenchIsolation = (typeof benchIsolations)[number];

export const runtimeOf = { runc: 'runc', gvisor: 'runsc' } as const satisfies Record<BenchIsolation, string>;

/** The tag that gives a runtime's sandboxes this isolation. */
export function isolationTag(isolation: BenchIsolation): { readonly 'berth:isolation': string } {
  return { 'berth:isolation': isolation };
}
