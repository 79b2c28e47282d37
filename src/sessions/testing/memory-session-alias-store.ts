import type { RuntimeId } from '../../shared/ids.ts';
import type { SessionAlias, SessionAliasStore } from '../session-aliases.ts';

export class MemorySessionAliasStore implements SessionAliasStore {
  readonly #targets = new Map<string, SessionAlias>();

  async find(runtimeId: RuntimeId, alias: string): Promise<SessionAlias | undefined> {
    return this.#targets.get(`${runtimeId} ${alias}`);
  }

  async claim(runtimeId: RuntimeId, alias: string, target: SessionAlias): Promise<boolean> {
    const known = await this.find(runtimeId, alias);
    if (known !== undefined && known.sessionId !== target.sessionId) return false;
    this.#targets.set(`${runtimeId} ${alias}`, target);
    return true;
  }
}
