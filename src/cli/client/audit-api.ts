import { z } from 'zod';
import type { ServerClient } from './server-client.ts';

const entrySchema = z.looseObject({
  seq: z.number(),
  atMs: z.number(),
  kind: z.string(),
  principal: z.string(),
  accessKeyId: z.string().optional(),
  action: z.string(),
  resource: z.string(),
  reason: z.string(),
  requestId: z.string().optional(),
  sourceIp: z.string().optional(),
  repeats: z.number().optional(),
  hash: z.string(),
});

const entriesSchema = z.looseObject({ entries: z.array(entrySchema) });

const verificationSchema = z.looseObject({
  entries: z.number(),
  firstSeq: z.number().optional(),
  lastSeq: z.number().optional(),
  lastHash: z.string().optional(),
  brokenAtSeq: z.number().optional(),
});

export type AuditLine = z.infer<typeof entrySchema>;
export type AuditCheck = z.infer<typeof verificationSchema>;

/** Every part that is there must fit. */
export interface AuditQuery {
  readonly sinceMs?: number | undefined;
  readonly principal?: string | undefined;
  readonly action?: string | undefined;
  readonly kind?: string | undefined;
}

const path = '/berth/v1/audit';

/** The audit log, as Berth's own API shows it. */
export class AuditApi {
  readonly #client: ServerClient;

  constructor(client: ServerClient) {
    this.#client = client;
  }

  /** The newest ones, rising. */
  newest(query: AuditQuery, count: number): Promise<AuditLine[]> {
    return this.#entries({ ...textOf(query), maxResults: String(count) });
  }

  /** Those that came after `seq`, rising: at most a page of them. */
  after(seq: number, query: AuditQuery): Promise<AuditLine[]> {
    return this.#entries({ ...textOf(query), after: String(seq), maxResults: '1000' });
  }

  async verify(): Promise<AuditCheck> {
    return verificationSchema.parse(await this.#client.json({ method: 'GET', path: `${path}/verification` }));
  }

  async #entries(query: Readonly<Record<string, string | undefined>>): Promise<AuditLine[]> {
    return entriesSchema.parse(await this.#client.json({ method: 'GET', path, query })).entries;
  }
}

function textOf({ sinceMs, ...query }: AuditQuery): Readonly<Record<string, string | undefined>> {
  return { ...query, sinceMs: sinceMs?.toString() };
}
