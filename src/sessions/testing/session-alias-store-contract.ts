import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { AccountId, RuntimeId, SandboxId, SessionId } from '../../shared/ids.ts';
import { type SessionAliasStore, SessionAliases } from '../session-aliases.ts';
import type { SessionStore } from '../session-store.ts';

const runtimeId = 'echo-AbCdEf1234' as RuntimeId;
const [first, second] = ['first', 'second'] as [SessionId, SessionId];

/** What every store of aliases does, with the store of the sessions that they name. */
export function sessionAliasStoreContract(
  name: string,
  open: () => Promise<{ aliases: SessionAliasStore; sessions: SessionStore }>,
): void {
  async function opened() {
    const { aliases, sessions } = await open();
    for (const id of [first, second]) {
      const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
      const start = { scope, runtimeId, id, endpoint: 'DEFAULT', version: 1, startedAtMs: 1 };
      await sessions.claim(
        { ...start, sandboxId: `sb-${id}` as SandboxId },
        { holder: 'a', expiresAtMs: 9 },
        1,
      );
    }
    return { aliases, sessions };
  }

  describe(`aliases of sessions in ${name}`, () => {
    it('are found once claimed, and may be claimed anew by their session', async () => {
      verifies('mcp:same-sandbox');
      const { aliases } = await opened();
      assert.equal(await aliases.find(runtimeId, 'x'), undefined);
      for (const agentSessionId of ['one', 'two']) {
        assert.equal(await aliases.claim(runtimeId, 'x', { sessionId: first, agentSessionId }), true);
        assert.deepEqual(await aliases.find(runtimeId, 'x'), { sessionId: first, agentSessionId });
      }
      assert.equal(await aliases.find('other-AbCdEf1234' as RuntimeId, 'x'), undefined);
    });

    it('are never taken from another session, nor may they be its id', async () => {
      verifies('mcp:aliases-are-safe');
      const { aliases } = await opened();
      await aliases.claim(runtimeId, 'x', { sessionId: first, agentSessionId: 'one' });
      const evil = { sessionId: second, agentSessionId: 'evil' };
      assert.equal(await aliases.claim(runtimeId, 'x', evil), false);
      assert.equal(await aliases.claim(runtimeId, first, evil), false);
      assert.equal((await aliases.find(runtimeId, 'x'))?.sessionId, first);
      assert.equal(await aliases.find(runtimeId, first), undefined);
      assert.equal(await aliases.claim(runtimeId, second, evil), true);
    });

    it('are gone with their session', async () => {
      verifies('mcp:same-sandbox');
      const { aliases, sessions } = await opened();
      await aliases.claim(runtimeId, 'x', { sessionId: first, agentSessionId: 'one' });
      const session = await sessions.find(runtimeId, first);
      assert.ok(session);
      await sessions.update({ ...session, state: 'ended', endedAtMs: 5, endReason: 'stopped' });
      await sessions.forgetEnded(6);
      assert.equal(await aliases.find(runtimeId, 'x'), undefined);
    });

    it('are kept in memory, also that there is none', async () => {
      verifies('mcp:same-sandbox');
      const { aliases: store } = await opened();
      const asked: string[] = [];
      const find: SessionAliasStore['find'] = (runtime, alias) => {
        asked.push(alias);
        return store.find(runtime, alias);
      };
      const aliases = new SessionAliases({ store: { find, claim: store.claim.bind(store) }, limit: 2 });
      for (let turn = 0; turn < 2; turn += 1) assert.equal(await aliases.find(runtimeId, 'none'), undefined);
      await aliases.claim(runtimeId, 'none', { sessionId: first, agentSessionId: 'one' });
      assert.equal((await aliases.find(runtimeId, 'none'))?.sessionId, first);
      assert.deepEqual(asked, ['none']);
      await aliases.find(runtimeId, 'a');
      await aliases.find(runtimeId, 'b');
      assert.equal((await aliases.find(runtimeId, 'none'))?.sessionId, first);
      assert.deepEqual(asked, ['none', 'a', 'b', 'none']);
    });
  });
}
