import { type AdmissionGate, type AdmissionOptions, createAdmissionGate } from '../admission.ts';

/** The gate of a machine that is short of nothing but what `options` say. */
export function roomyGate(
  options: Pick<AdmissionOptions, 'clock'> & Partial<AdmissionOptions>,
): AdmissionGate {
  return createAdmissionGate({
    startsInFlight: 100,
    cpus: 100,
    queueLimit: 100,
    memoryReserveBytes: 0,
    availableMemoryBytes: async () => 2 ** 40,
    expectedMemoryBytes: () => 0,
    availableTasks: async () => 2 ** 20,
    maxWaitMs: 60_000,
    ...options,
  });
}
