import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

import type { EgressPolicy } from '../../egress-policy.ts';

/**
 * The policies of slots in use, a file each, for the next process of the server: it makes its rules before it knows any
 * sandbox. A slot without a file has the server's default.
 */
export interface PolicyFiles {
  write(slot: string, policy: EgressPolicy): Promise<void>;
  /** By slot. A file that cannot be read closes its slot. */
  readAll(): Promise<ReadonlyMap<string, EgressPolicy>>;
  /** Idempotent. */
  remove(slots: readonly string[]): Promise<void>;
}

export function policyFiles(dir: string): PolicyFiles {
  const unfinished = '.new';
  return {
    async write(slot, policy) {
      await mkdir(dir, { recursive: true, mode: 0o700 });
      const file = join(dir, slot);
      await writeFile(file + unfinished, JSON.stringify(policy));
      await rename(file + unfinished, file);
    },
    async readAll() {
      const slots = (await readdir(dir).catch(() => [])).filter((name) => !name.endsWith(unfinished));
      const read = slots.map(
        async (slot) => [slot, parsePolicy(await readFile(join(dir, slot), 'utf8'))] as const,
      );
      return new Map(await Promise.all(read));
    },
    async remove(slots) {
      for (const slot of slots) await rm(join(dir, slot), { force: true });
    },
  };
}

const port = z.int().optional();
const policySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['default', 'on', 'off']) }),
  z.object({
    kind: z.literal('allow-list'),
    destinations: z.array(
      z.discriminatedUnion('kind', [
        z.object({ kind: z.literal('name'), name: z.string(), isWildcard: z.boolean(), port }),
        z.object({ kind: z.literal('range'), range: z.string(), port }),
      ]),
    ),
  }),
  z.object({
    kind: z.literal('network'),
    rules: z.array(
      z.object({
        range: z.string(),
        protocol: z.enum(['tcp', 'udp', 'any']),
        ports: z.tuple([z.int(), z.int()]).optional(),
      }),
    ),
    nameservers: z.array(z.string()),
  }),
]);

function parsePolicy(text: string): EgressPolicy {
  try {
    // What this server wrote; the schema says `port?: number | undefined` where the type says `port: number | undefined`.
    return policySchema.parse(JSON.parse(text)) as EgressPolicy;
  } catch {
    return { kind: 'off' };
  }
}
