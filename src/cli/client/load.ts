import { z } from 'zod';

const taken = { memoryBytes: z.number().optional(), cpuMs: z.number().optional() };

export const loadSchema = z.looseObject({
  atMs: z.number(),
  machine: z.looseObject({
    cpus: z.number(),
    memoryBytes: z.number(),
    availableBytes: z.number(),
    loadAverage: z.number(),
  }),
  disk: z
    .looseObject({ freeBytes: z.number(), reserveBytes: z.number(), sessionStorageBytes: z.number() })
    .optional(),
  starts: z.looseObject({
    inFlight: z.number(),
    limit: z.number(),
    waiting: z.number(),
    queues: z.array(z.looseObject({ runtimeId: z.string(), waiting: z.number() })),
  }),
  sessions: z.array(
    z.looseObject({
      ...taken,
      runtimeId: z.string(),
      id: z.string(),
      version: z.number(),
      sandboxId: z.string(),
      state: z.string(),
      calls: z.number(),
      startedAtMs: z.number().optional(),
      lastActivityAtMs: z.number().optional(),
    }),
  ),
  pools: z.array(
    z.looseObject({
      ...taken,
      runtimeId: z.string(),
      version: z.number(),
      wanted: z.number(),
      ready: z.number(),
      frozen: z.number(),
      starting: z.number(),
      problem: z.string().optional(),
    }),
  ),
});

/** What runs now on a server: docs/admin-api.md, `GET /berth/v1/load`. */
export type Load = z.infer<typeof loadSchema>;
