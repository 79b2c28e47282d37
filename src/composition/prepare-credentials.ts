import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { keepTrying } from '../shared/keep-trying.ts';
import type { Clock } from '../shared/clock.ts';
import { messageOf } from '../shared/errors.ts';

export interface CredentialsParts {
  readonly home: string;
  readonly credentials: unknown;
  /** The server after this one decides: it has a file of its own. */
  readonly isReplaced: () => boolean;
  readonly clock: Clock;
  readonly log: { error(fields: Readonly<Record<string, unknown>>, message: string): void };
}

export interface CredentialsFile extends AsyncDisposable {
  /** Tries at once, and again for as long as that fails: the server goes on meanwhile. */
  publish(): void;
}

/**
 * Writes what the commands of this home find the server by, `credentials`, but beside the file: that is the server's before this
 * one until `publish`, which then does not fail for want of room. Several servers may be doing so at the same time, so that each has a
 * file of its own. Disposing forgets what was not published.
 */
export async function prepareCredentials(parts: CredentialsParts): Promise<CredentialsFile> {
  const { home, clock, log } = parts;
  const text = `${JSON.stringify(parts.credentials, null, 2)}\n`;
  const own = join(home, `credentials.${randomUUID()}.new`);
  await writeFile(own, text, { mode: 0o600 });
  const closed = new AbortController();
  const isOver = () => closed.signal.aborted || parts.isReplaced();

  // In one go: between the question who decides and the answer's use no other server can have published.
  const replace = async () => {
    if (isOver()) return;
    try {
      renameSync(own, join(home, 'credentials'));
    } catch (error) {
      if (!isMissing(error)) throw error;
      writeFileSync(own, text, { mode: 0o600 });
      renameSync(own, join(home, 'credentials'));
    }
    sweep(home);
  };

  return {
    publish() {
      const onFailure = (error: unknown) =>
        log.error(
          { error: messageOf(error) },
          'the file `credentials` could not be written: until it is, commands may not find this server',
        );
      keepTrying(replace, { clock, isOver, onFailure, signal: closed.signal }).catch(() => {});
    },
    async [Symbol.asyncDispose]() {
      closed.abort();
      await rm(own, { force: true });
    },
  };
}

/** What servers left behind that were killed before they could publish. */
function sweep(home: string): void {
  for (const name of readdirSync(home))
    if (/^credentials\.(.+\.)?new$/.test(name)) rmSync(join(home, name), { force: true });
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
