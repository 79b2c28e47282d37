import type { SandboxLogArchive } from '../../sandboxes/sandbox-log-archive.ts';
import { type Clock, sleep } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { RuntimeId, SandboxId } from '../../shared/ids.ts';
import { LogReader } from './log-reader.ts';
import type { LogQuery, LogsView } from './log-routes.ts';
import type { SessionsView } from './session-routes.ts';

export interface SandboxLogsViewParts {
  readonly archive: Pick<SandboxLogArchive, 'find' | 'list'>;
  readonly sessions: Pick<SessionsView, 'find'>;
  readonly isRuntime: (id: RuntimeId) => Promise<boolean>;
  readonly clock: Clock;
}

const pollMs = 250;

/** The logs of one session's sandbox, or of all sandboxes of a runtime, each line then marked with its sandbox. */
export class SandboxLogsView implements LogsView {
  readonly #parts: SandboxLogsViewParts;

  constructor(parts: SandboxLogsViewParts) {
    this.#parts = parts;
  }

  async open(query: LogQuery): Promise<AsyncIterable<string>> {
    if (query.sessionId === undefined) {
      if (
        (await this.#sandboxes(query.runtimeId)).length === 0 &&
        !(await this.#parts.isRuntime(query.runtimeId))
      )
        throw new BerthError('not-found', `There is no runtime ${query.runtimeId}, and no log of one.`);
      return this.#readRuntime(query);
    }
    const { runtimeId, sessionId } = query;
    const session = await this.#parts.sessions.find(runtimeId, sessionId);
    if (session?.sandboxId === undefined) {
      throw new BerthError('not-found', `The runtime ${runtimeId} has no log of a session ${sessionId}.`);
    }
    const log = this.#parts.archive.find(runtimeId, session.sandboxId);
    return this.#readSession(await LogReader.open(log, query), query);
  }

  async *#readSession(reader: LogReader, { follow, signal }: LogQuery): AsyncGenerator<string> {
    while (!signal.aborted) {
      const state = yield* reader.turn();
      if (state === 'ended' || (state === 'idle' && !follow)) break;
      if (state === 'idle') await this.#pause(signal);
    }
    yield* reader.end();
  }

  async *#readRuntime({ runtimeId, tail, follow, signal }: LogQuery): AsyncGenerator<string> {
    const readers = new Map<SandboxId, LogReader | undefined>();
    for (let isFirst = true; !signal.aborted; isFirst = false) {
      for (const id of await this.#sandboxes(runtimeId)) {
        if (!readers.has(id))
          readers.set(id, await this.#open(runtimeId, id, { follow, tail: isFirst ? tail : undefined }));
      }
      let hasMore = false;
      for (const [id, reader] of readers) {
        const state = reader === undefined ? 'ended' : yield* reader.turn();
        hasMore ||= state === 'more';
        if (reader === undefined || state === 'more' || (state === 'idle' && follow)) continue;
        yield* reader.end();
        readers.set(id, undefined);
      }
      if (hasMore) continue;
      if (!follow) return;
      await this.#pause(signal);
    }
  }

  /** In the order in which they were last written. */
  async #sandboxes(runtimeId: RuntimeId): Promise<readonly SandboxId[]> {
    const logs = await this.#parts.archive.list(runtimeId);
    return logs.map((log) => log.sandboxId).reverse();
  }

  async #open(
    runtimeId: RuntimeId,
    id: SandboxId,
    how: Pick<LogQuery, 'tail' | 'follow'>,
  ): Promise<LogReader | undefined> {
    try {
      return await LogReader.open(this.#parts.archive.find(runtimeId, id), how, `[${id}] `);
    } catch (error) {
      if (error instanceof BerthError && error.code === 'not-found') return undefined;
      throw error;
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    await sleep(this.#parts.clock, pollMs, signal).catch(() => {});
  }
}
