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

const entriesSchema = z.looseObject({ entries: z.array(entrySchema), upToSeq: z.number().optional() });

const verificationSchema = z.looseObject({
  entries: z.number(),
  chains: z.array(
    z.looseObject({
      name: z.string(),
      entries: z.number(),
      firstSeq: z.number(),
      lastSeq: z.number(),
      lastHash: z.string(),
    }),
  ),
  brokenAtSeq: z.number().optional(),
});

export type AuditLine = z.infer<typeof entrySchema>;
export type AuditCheck = z.infer<typeof verificationSchema>;

/** Every part that is there must fit. */
export interface AuditQuery {
  readonly sinceMs?: number | undefined;
  readonly untilMs?: number | undefined;
  readonly principal?: string | undefined;
  readonly action?: string | undefined;
  readonly resource?: string | undefined;
  /** Several with commas between them. */
  readonly kind?: string | undefined;
}

/** The most entries of one answer. */
export const auditPage = 1_000;

const path = '/berth/v1/audit';

/** The audit log, as Berth's own API shows it. */
export class AuditApi {
  readonly #client: ServerClient;

  constructor(client: ServerClient) {
    this.#client = client;
  }

  /** The newest ones, rising. */
  async newest(query: AuditQuery, count: number): Promise<readonly AuditLine[]> {
    return (await this.#page({ ...textOf(query), maxResults: String(count) })).entries;
  }

  /** Those that came after `seq`, rising, at most a page of them; the next page comes after `upToSeq`. */
  after(seq: number, query: AuditQuery, count = auditPage): Promise<z.infer<typeof entriesSchema>> {
    return this.#page({ ...textOf(query), after: String(seq), maxResults: String(count) });
  }

  async verify(): Promise<AuditCheck> {
    return verificationSchema.parse(await this.#client.json({ method: 'GET', path: `${path}/verification` }));
  }

  async #page(query: Readonly<Record<string, string | undefined>>): Promise<z.infer<typeof entriesSchema>> {
    return entriesSchema.parse(await this.#client.json({ method: 'GET', path, query }));
  }
}

function textOf({ sinceMs, untilMs, ...query }: AuditQuery): Readonly<Record<string, string | undefined>> {
  return { ...query, sinceMs: sinceMs?.toString(), untilMs: untilMs?.toString() };
}
