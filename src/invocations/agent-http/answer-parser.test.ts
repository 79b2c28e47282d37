import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { fuzzRounds, seededWhole } from '../../../test/fakes/seeded.ts';
import { verifies } from '../../../test/requirements.ts';
import { AnswerParser } from './answer-parser.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly isEnded: boolean;
  readonly rest: string;
}

/** Gives an answer in pieces; each piece ends at one of `cuts`. */
function parse(text: string, cuts: readonly number[] = [], isClosed = true): Answer {
  let [status, headers, body, isEnded]: [number, IncomingHttpHeaders, string, boolean] = [0, {}, '', false];
  const parser = new AnswerParser({
    isPaused: false,
    onHead: (head) => ({ status, headers } = head),
    onData: (chunk) => (body += chunk.toString('latin1')),
    onEnd: () => (isEnded = true),
  });
  const bytes = Buffer.from(text, 'latin1');
  let rest = '';
  for (const [index, from] of [0, ...cuts].entries())
    rest += parser.push(bytes.subarray(from, cuts[index])).toString('latin1');
  if (isClosed) parser.end();
  return { status, headers, body, isEnded, rest };
}

const good = [
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nA: 1\r\na: 2\r\n\r\nhello',
  'HTTP/1.1 200\r\ncontent-length:0\r\n\r\n',
  'HTTP/1.1 204 No Content\r\nset-cookie: a\r\nset-cookie: b\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;x=y\r\nhello\r\n1\r\n!\r\n0\r\ntrailer: 1\r\n\r\n',
  'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 201 Created\r\ncontent-length: 2\r\n\r\nok',
  'HTTP/1.0 200 OK\r\n\r\nuntil the end',
  'HTTP/1.1 299 Odd \xfc\r\nempty:\r\npadded: \t v \t\r\ncontent-length: 1\r\n\r\n\xff',
];

const bad = [
  'HTTP/1.1 200 OK\r\ncontent-length: 3\r\ncontent-length: 3\r\n\r\nabc',
  'HTTP/2 200 OK\r\n\r\n',
  'HTTP/1.1 20 OK\r\n\r\n',
  'HTTP/1.1  200 OK\r\n\r\n',
  'ICY 200 OK\r\n\r\n',
  'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n',
  'HTTP/1.1 200 OK\r\na : 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\n: 1\r\n\r\n',
  'HTTP/1.1 200 OK\r\na: 1\r\n folded\r\n\r\n',
  'HTTP/1.1 200 OK\r\na: 1\nb: 2\r\n\r\n',
  'HTTP/1.1 200 OK\r\na: \0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
  'HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 1e3\r\n\r\n',
  'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n+5\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhello\r\n0\r\n\r\n',
  'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfffffffffffff\r\nhello',
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5;${'x'.repeat(5_000)}\r\nhello\r\n0\r\n\r\n`,
  `HTTP/1.1 200 OK\r\na: ${'x'.repeat(70_000)}\r\n\r\n`,
  `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n${`a: ${'x'.repeat(4_000)}\r\n`.repeat(20)}\r\n`,
  'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell',
  'HTTP/1.1 200 OK\r\ncontent-le',
  '',
];

describe("the parser of agents' answers", () => {
  it('reads what Node reads, in whatever pieces it comes', async () => {
    verifies('invocations:agent-answers');
    for (const text of good) {
      const whole = parse(text);
      assert.ok(whole.isEnded, text);
      assert.deepEqual(asShown(whole), await asNodeReads(text), text);
      for (let cut = 0; cut <= text.length; cut += 1)
        assert.deepEqual(parse(text, [cut]), whole, `${text} at ${cut}`);
      const every = Array.from({ length: text.length }, (_, index) => index + 1);
      assert.deepEqual(parse(text, every), whole, text);
    }
  });

  it('refuses what two readers could read differently, in whatever pieces it comes', () => {
    verifies('invocations:agent-answers');
    for (const text of bad) {
      assert.throws(() => parse(text), { name: 'AgentFailure' }, text.slice(0, 100));
      for (const cut of [1, text.length >> 1, text.length - 1])
        if (cut > 0) assert.throws(() => parse(text, [cut]), { name: 'AgentFailure' }, text.slice(0, 100));
    }
  });

  it('gives back what follows an answer', () => {
    verifies('invocations:agent-answers');
    const answer = parse(`${good[0]}HTTP/1.1 200 OK\r\n\r\n`, [], false);
    assert.deepEqual([answer.body, answer.rest], ['hello', 'HTTP/1.1 200 OK\r\n\r\n']);
  });

  it('neither crashes nor hangs on noise, nor reads more than there is', () => {
    verifies('invocations:agent-answers');
    const rounds = fuzzRounds(2_000);
    const random = seededWhole(7);
    for (let round = 0; round < rounds; round += 1) {
      const bytes = Buffer.from([...good, ...bad][random(good.length + bad.length)] ?? '', 'latin1');
      for (let change = random(4); change > 0 && bytes.length > 0; change -= 1)
        bytes[random(bytes.length)] = '\r\n\0 :;05aF\xff'.charCodeAt(random(11));
      const text = bytes.toString('latin1');
      const cuts = [random(text.length + 1), random(text.length + 1)].sort((a, b) => a - b);
      const outcomes = [cuts, []].map((some) => {
        try {
          return parse(text, some);
        } catch (error) {
          assert.equal((error as Error).name, 'AgentFailure');
          return 'refused';
        }
      });
      assert.deepEqual(outcomes[0], outcomes[1], JSON.stringify(text));
    }
  });
});

function asShown({ status, headers, body }: Answer) {
  return { status, headers: { ...headers }, body };
}

async function asNodeReads(text: string) {
  const server = createServer((socket) => socket.on('error', () => {}).end(text, 'latin1'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const request = get({ port: (server.address() as AddressInfo).port, host: '127.0.0.1', agent: false });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const body = (await buffer(response)).toString('latin1');
    return { status: response.statusCode, headers: { ...response.headers }, body };
  } finally {
    server.close();
  }
}
