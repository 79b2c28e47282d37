import { z } from 'zod';
import { type Digest, isDigest } from '../../images/digest.ts';
import type { SandboxId, VolumeId } from '../../shared/ids.ts';
import type { RunningSandbox } from '../sandbox-driver.ts';
import type { ContainerRecord } from './api/containers-api.ts';

/** What the labels of a container say: all that another process needs to go on with the sandbox. */
export interface SandboxRecord {
  readonly sandbox: RunningSandbox;
  /** Its network slot and disk, by name. */
  readonly slot: string;
  readonly disk: string;
  /** Its session's storage, if it has one. */
  readonly volume: VolumeId | undefined;
}

export function toLabels(
  serverTag: string,
  { sandbox, slot, disk, volume }: SandboxRecord,
): Record<string, string> {
  return {
    'berth.server': serverTag,
    'berth.sandbox': sandbox.id,
    'berth.owner': JSON.stringify(sandbox.owner),
    'berth.image': sandbox.image,
    'berth.isolation': sandbox.isolation,
    'berth.address': sandbox.address.host,
    'berth.log': sandbox.logFile,
    'berth.started-at': String(sandbox.startedAtMs),
    'berth.network': slot,
    'berth.disk': disk,
    ...(volume !== undefined && { 'berth.volume': volume }),
  };
}

/** undefined for a container that is no sandbox of Berth's. */
export function fromContainer({ id, labels }: ContainerRecord): SandboxRecord | undefined {
  const parsed = labelSchema.safeParse(labels);
  if (!parsed.success) return undefined;
  const found = parsed.data;
  return {
    sandbox: {
      id: id as SandboxId,
      owner: found['berth.owner'],
      image: found['berth.image'],
      isolation: found['berth.isolation'],
      address: { host: found['berth.address'] },
      logFile: found['berth.log'],
      startedAtMs: found['berth.started-at'],
    },
    slot: found['berth.network'],
    disk: found['berth.disk'],
    volume: found['berth.volume'],
  };
}

const ownerSchema = z.object({
  kind: z.literal('runtime'),
  accountId: z.string(),
  region: z.string(),
  runtimeId: z.string(),
  version: z.int(),
});

const labelSchema = z.object({
  'berth.owner': z
    .string()
    .transform((text, context): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        context.addIssue('is not JSON');
        return z.NEVER;
      }
    })
    .pipe(ownerSchema),
  'berth.image': z.custom<Digest>((value) => typeof value === 'string' && isDigest(value)),
  'berth.isolation': z.string(),
  'berth.address': z.string(),
  'berth.log': z.string(),
  'berth.started-at': z.coerce.number(),
  'berth.network': z.string(),
  'berth.disk': z.string(),
  'berth.volume': z
    .string()
    .transform((text) => text as VolumeId)
    .optional(),
});
