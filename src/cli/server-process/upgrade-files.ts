import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivately } from '../credentials/write-privately.ts';

const requestSchema = z.object({
  id: z.string(),
  /** Flags of `berth up`, laid over those that the server was started with. */
  flags: z.array(z.string()),
  /** In place of the server's own BERTH_ variables; undefined keeps those. */
  settings: z.record(z.string(), z.string()).optional(),
});
const failureSchema = z.object({ id: z.string(), reason: z.string() });

/** What `berth upgrade` leaves in the home before it sends SIGHUP. */
export type UpgradeRequest = z.infer<typeof requestSchema>;
/** What the server leaves there when it goes on instead. */
export type UpgradeFailure = z.infer<typeof failureSchema>;

export async function writeUpgradeRequest(home: string, request: UpgradeRequest): Promise<void> {
  await rm(failurePath(home), { force: true });
  await writePrivately(requestPath(home), JSON.stringify(request));
}

/** A request is taken once: settings may be secret, and a later SIGHUP is one of its own. */
export async function takeUpgradeRequest(home: string): Promise<UpgradeRequest | undefined> {
  const request = await read(requestPath(home), requestSchema);
  await rm(requestPath(home), { force: true });
  return request;
}

export async function writeUpgradeFailure(home: string, failure: UpgradeFailure): Promise<void> {
  await writePrivately(failurePath(home), JSON.stringify(failure));
}

export function readUpgradeFailure(home: string): Promise<UpgradeFailure | undefined> {
  return read(failurePath(home), failureSchema);
}

async function read<Value>(path: string, schema: z.ZodType<Value>): Promise<Value | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

function requestPath(home: string): string {
  return join(home, 'upgrade-request.json');
}

function failurePath(home: string): string {
  return join(home, 'upgrade-failure.json');
}
