import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import type { RuntimeReads } from '../runtimes/runtime-store.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { AccountId, RuntimeId } from '../shared/ids.ts';
import { createStoredAccessFacts } from './stored-access-facts.ts';

const scope = { accountId: '111122223333' as AccountId, region: 'us-east-1' };
const id = 'echo-AbCdEf1234' as RuntimeId;

/** A store of one runtime, whose reads can be held up. */
function start() {
  let tags: Readonly<Record<string, string>> = { team: 'a' };
  let held: Promise<void> | undefined;
  let changed: (runtimeId: RuntimeId) => void = () => {};
  let reads = 0;
  const listTagsBelow: RuntimeReads['listTagsBelow'] = async (arn) => {
    reads += 1;
    const found = new Map([[arn, tags]]);
    await held;
    return found;
  };
  const facts = createStoredAccessFacts({
    scope,
    store: {
      findRuntime: async (wanted) =>
        wanted === id ? ({ ...scope, id, name: 'echo' } as Runtime) : undefined,
      listTagsBelow,
      listPolicies: async () => new Map(),
      onChange(listener) {
        changed = listener;
        return () => {};
      },
    },
    knownActions: [],
  });
  return {
    facts,
    reads: () => reads,
    hold: (until: Promise<void>) => void (held = until),
    change(to: Readonly<Record<string, string>>) {
      tags = to;
      changed(id);
    },
    changeElsewhere: (to: Readonly<Record<string, string>>) => void (tags = to),
  };
}

describe('what is known of runtimes for authorisation', () => {
  it('is read once, and again after a change', async () => {
    verifies('authz:policy-at-once');
    const { facts, change, reads } = start();
    assert.equal((await facts.find(id))?.tags['team'], 'a');
    assert.equal(facts.find(id) instanceof Promise, false, 'it is in memory');
    change({ team: 'b' });
    assert.equal((await facts.find(id))?.tags['team'], 'b');
    assert.equal(reads(), 2);
  });

  it('is not what was read while it changed', async () => {
    verifies('authz:policy-at-once');
    const { facts, change, hold } = start();
    const release = Promise.withResolvers<void>();
    hold(release.promise);
    const early = facts.find(id);
    await new Promise(setImmediate);
    change({ team: 'b' });
    release.resolve();
    await early;
    assert.equal((await facts.find(id))?.tags['team'], 'b');
  });

  it('is not what it was, nor was being read, before another server ended that may have changed it', async () => {
    verifies('authz:policy-at-once');
    const { facts, changeElsewhere, hold } = start();
    assert.equal((await facts.find(id))?.tags['team'], 'a');
    changeElsewhere({ team: 'b' });
    facts.forgetAll();
    const release = Promise.withResolvers<void>();
    hold(release.promise);
    const early = facts.find(id);
    await new Promise(setImmediate);
    changeElsewhere({ team: 'c' });
    facts.forgetAll();
    release.resolve();
    assert.equal((await early)?.tags['team'], 'b');
    assert.equal((await facts.find(id))?.tags['team'], 'c');
  });

  it('is nothing for runtimes that are not there, which fill no memory', async () => {
    const { facts } = start();
    assert.equal(await facts.find('none-AbCdEf1234'), undefined);
    assert.equal(facts.find('none-AbCdEf1234') instanceof Promise, true);
  });
});
