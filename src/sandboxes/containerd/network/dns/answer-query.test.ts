import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decode, encode, type RecordType } from 'dns-packet';

import { verifies } from '../../../../../test/requirements.ts';
import { parseAllowedDestination } from '../../../../shared/allowed-destination.ts';
import { FakeClock } from '../../../../../test/fakes/fake-clock.ts';
import { parseRange } from '../ipv4.ts';
import { answerQuery, type AnswerParts, type Opening } from './answer-query.ts';
import { createLookUpBudget, lookUpLimits } from './look-up-budget.ts';

const sandbox = '10.213.0.2';

describe("Berth's name server", () => {
  it('answers allowed names and opens their addresses for the port that the list names', async () => {
    verifies('network:dns', 'network:dns-open-first');
    const server = fakeServer(['api.example.com:443', '.example.org']);

    assert.deepEqual(await server.ask('API.example.com'), { code: 0, addresses: ['203.0.113.7'] });
    assert.deepEqual(await server.ask('deep.below.example.org'), { code: 0, addresses: ['203.0.113.7'] });
    assert.deepEqual(
      server.opened.map(({ ports, addresses, source }) => ({ ports, addresses, source })),
      [
        { ports: [443], addresses: ['203.0.113.7'], source: sandbox },
        { ports: [undefined], addresses: ['203.0.113.7'], source: sandbox },
      ],
    );
  });

  it('knows no other names, and asks nobody for them', async () => {
    verifies('network:dns');
    const server = fakeServer(['api.example.com', '.example.org']);
    const others = [
      'example.com',
      'x.api.example.com',
      'example.org',
      'badexample.org',
      'secret.attacker.test',
      'a b.example.org',
      '.',
    ];
    for (const name of others) assert.deepEqual(await server.ask(name), { code: 3, addresses: [] }, name);

    assert.deepEqual(server.lookedUp, []);
    assert.deepEqual(server.opened, []);
  });

  it('answers nothing but IPv4 addresses', async () => {
    verifies('network:dns');
    const server = fakeServer(['api.example.com']);
    for (const type of ['AAAA', 'TXT', 'MX', 'SRV', 'NS'] as const)
      assert.deepEqual(await server.ask('api.example.com', type), { code: 0, addresses: [] }, type);

    assert.deepEqual(server.lookedUp, []);
  });

  it('leaves out addresses in closed ranges, unless the operator opened them', async () => {
    verifies('network:dns-rebinding');
    const addresses = [
      '10.1.2.3',
      '169.254.169.254',
      '127.0.0.1',
      '192.168.1.1',
      '100.64.0.1',
      '203.0.113.7',
    ];
    const closed = fakeServer(['api.example.com'], { addresses });
    const opened = fakeServer(['api.example.com'], { addresses, allowedRanges: ['0.0.0.0/0', '10.0.0.0/8'] });
    const onlyClosed = fakeServer(['api.example.com'], { addresses: addresses.slice(0, 3) });

    assert.deepEqual((await closed.ask('api.example.com')).addresses, ['203.0.113.7']);
    assert.deepEqual((await opened.ask('api.example.com')).addresses, [
      '10.1.2.3',
      '192.168.1.1',
      '100.64.0.1',
      '203.0.113.7',
    ]);
    assert.deepEqual(await onlyClosed.ask('api.example.com'), { code: 3, addresses: [] });
    assert.deepEqual(onlyClosed.opened, []);
  });

  it('answers the names of the host, and refuses sandboxes without an allow-list', async () => {
    verifies('network:dns');
    const server = fakeServer(['api.example.com']);

    assert.deepEqual(await server.ask('berth.internal'), { code: 0, addresses: ['10.213.0.1'] });
    assert.deepEqual(await server.ask('api.example.com', 'A', '10.213.0.99'), { code: 5, addresses: [] });
  });

  it('says that it failed when the firewall opens nothing, and answers no garbage', async () => {
    verifies('network:dns-open-first');
    const broken = fakeServer(['api.example.com'], { open: () => Promise.reject(new Error('no')) });
    const full = fakeServer(['api.example.com'], { open: () => Promise.resolve(false) });

    assert.deepEqual(await broken.ask('api.example.com'), { code: 2, addresses: [] });
    assert.deepEqual(await full.ask('api.example.com'), { code: 5, addresses: [] });
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(11, 7), Buffer.from('GET / HTTP/1.1\r\n\r\n'), loop])
      assert.equal(await answerQuery(full.parts, bytes, sandbox), undefined);
  });

  it('takes so many look-ups of one sandbox and no more, and goes on with the others', async () => {
    verifies('network:dns-limits');
    const clock = new FakeClock();
    const budget = createLookUpBudget({ clock });
    const held = Array.from({ length: lookUpLimits.atOnce + 1 }, () => budget.enter(sandbox));
    assert.equal(held.indexOf(undefined), lookUpLimits.atOnce);
    for (const place of held) place?.[Symbol.dispose]();

    let answered = lookUpLimits.atOnce;
    for (let n = 0; n < 1_000; n++) {
      using place = budget.enter(sandbox);
      if (place !== undefined) answered += 1;
    }
    assert.equal(answered, lookUpLimits.burst);
    assert.ok(budget.enter('10.213.0.3'));
    await clock.advance(1_000);
    assert.ok(budget.enter(sandbox));
  });
});

/** A name that points to itself. */
const loop = Buffer.from('0001010000010000000000000161c00c00010001', 'hex');

interface FakeOptions {
  readonly addresses?: readonly string[];
  readonly allowedRanges?: readonly string[];
  readonly open?: AnswerParts['open'];
}

function fakeServer(list: readonly string[], options: FakeOptions = {}) {
  const opened: Opening[] = [];
  const lookedUp: string[] = [];
  const destinations = list.map(parseAllowedDestination).filter((parsed) => parsed !== undefined);
  const parts: AnswerParts = {
    lookUp: (name) => {
      lookedUp.push(name);
      return Promise.resolve({
        addresses: options.addresses ?? ['203.0.113.7'],
        ttlS: 60,
        isUnknown: false,
      });
    },
    policyOf: (source) => (source === sandbox ? { kind: 'allow-list', destinations } : undefined),
    hostAliases: { 'berth.internal': '10.213.0.1' },
    allowedRanges: (options.allowedRanges ?? []).map(parseRange).filter((range) => range !== undefined),
    open:
      options.open ??
      ((opening) => {
        opened.push(opening);
        return Promise.resolve(true);
      }),
  };
  return {
    parts,
    opened,
    lookedUp,
    async ask(name: string, type: RecordType = 'A', source = sandbox) {
      const query = encode({ type: 'query', id: 4_711, questions: [{ type, class: 'IN', name }] });
      const answered = await answerQuery(parts, query, source);
      assert.ok(answered);
      const { id, flags = 0, answers = [] } = decode(answered);
      assert.equal(id, 4_711);
      return {
        code: flags & 0xf,
        addresses: answers.flatMap((answer) => (answer.type === 'A' ? [answer.data] : [])),
      };
    },
  };
}
