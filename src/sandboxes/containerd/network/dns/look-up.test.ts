import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';

import { verifies } from '../../../../../test/requirements.ts';
import type { TestResolver } from '../testing/test-resolver.ts';
import { addressRecord, aliasRecord, openTestResolver } from '../testing/test-resolver.ts';
import { createLookUp, type LookUp } from './look-up.ts';

let upstream: TestResolver;
let lookUp: LookUp;

describe('looking a name up', () => {
  before(async () => {
    upstream = await openTestResolver();
    lookUp = createLookUp({ resolvers: () => Promise.resolve([upstream.resolver]) });
  });
  after(() => upstream[Symbol.asyncDispose]());

  it('gives its addresses with the least time of all records on the way', async () => {
    verifies('network:dns');
    upstream.zone.set('api.example.com', [
      aliasRecord('api.example.com', 'Edge.example.net', 40),
      aliasRecord('edge.example.net', 'pop.example.org', 600),
      addressRecord('pop.example.org', '203.0.113.7', 90),
      addressRecord('pop.example.org', '203.0.113.8', 120),
    ]);

    assert.deepEqual(await lookUp('api.example.com'), {
      addresses: ['203.0.113.7', '203.0.113.8'],
      ttlS: 40,
      isUnknown: false,
    });
  });

  it('takes no address from records of other names, and follows no endless chain', async () => {
    verifies('network:dns');
    upstream.zone.set('a.example.com', [
      addressRecord('bank.example', '203.0.113.9'),
      aliasRecord('a.example.com', 'b.example.com'),
      aliasRecord('b.example.com', 'a.example.com'),
    ]);

    assert.deepEqual((await lookUp('a.example.com')).addresses, []);
  });

  it('asks over TCP when an answer does not fit a packet', async () => {
    verifies('network:dns');
    upstream.large.add('big.example.com');
    upstream.zone.set(
      'big.example.com',
      Array.from({ length: 100 }, (_, i) => addressRecord('big.example.com', `203.0.113.${i}`)),
    );

    assert.equal((await lookUp('big.example.com')).addresses.length, 100);
  });

  it('tells a name that does not exist from resolvers that do not answer, and asks the next one', async () => {
    verifies('network:dns');
    assert.equal((await lookUp('nobody.example.com')).isUnknown, true);
    upstream.silent.add('slow.example.com');
    await assert.rejects(lookUp('slow.example.com'), { code: 'unavailable' });

    const closed = { host: '127.0.0.1', port: 1 };
    const patient = createLookUp({ resolvers: () => Promise.resolve([closed, upstream.resolver]) });
    upstream.zone.set('c.example.com', [addressRecord('c.example.com', '203.0.113.3')]);
    assert.deepEqual((await patient('c.example.com')).addresses, ['203.0.113.3']);
  });
});
