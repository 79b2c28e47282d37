import { z } from 'zod';

export const vaultSchema = z.looseObject({
  version: z.number(),
  /** Who has it. */
  keeper: z.string(),
  keyArn: z.string().optional(),
  transitKey: z.string().optional(),
  createdAtMs: z.number(),
  dataKeys: z.number(),
  dataKeysToMove: z.number(),
  isTransitUnused: z.boolean().optional(),
});

export const kmsKeySchema = z.looseObject({
  arn: z.string(),
  spec: z.string(),
  description: z.string().optional(),
  publicKey: z.looseObject({ kty: z.string() }).optional(),
  createdAtMs: z.number(),
});

export type VaultDetails = z.infer<typeof vaultSchema>;
export type KmsKey = z.infer<typeof kmsKeySchema>;
