import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, afterEach, before, describe, it } from 'node:test';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { RequestSigner, type RequestToSign } from '../fixture/request-signer.ts';
import { verifies } from '../requirements.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: { readonly message?: string; readonly reason?: string; readonly fieldList?: unknown };
}

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';

describe(
  'callers that send wrong things get an AWS error, start nothing and disturb nobody',
  { timeout: 300_000 },
  () => {
    let berth: BerthFixture;
    let runtime: DeployedRuntime;
    let signer: RequestSigner;
    let invocations: string;
    const bystander = randomUUID();
    let bootId: string;

    before(async () => {
      berth = await BerthFixture.start();
      signer = new RequestSigner(berth.server);
      runtime = await berth.deploy('hello-node', 'hello');
      invocations = `/runtimes/${encodeURIComponent(runtime.arn)}/invocations`;
      ({ bootId } = await berth.agents.invoke(runtime, bystander, {}));
    });

    after(() => berth.destroy());

    afterEach(async () => {
      assert.equal((await berth.agents.invoke(runtime, bystander, {})).bootId, bootId);
      assert.equal(await berth.liveSessions(), 1);
      assert.match(await berth.metrics(), /^berth_unexpected_errors_total 0$/m);
    });

    /** Signs, then lays `after` over the head: what was not signed, or no longer is what was. */
    async function send(
      toSign: RequestToSign,
      after: Readonly<Record<string, string>> = {},
    ): Promise<Answer> {
      const headers = { ...(await signer.sign(toSign)), ...after };
      const query = toSign.query === undefined ? '' : `?${new URLSearchParams(toSign.query).toString()}`;
      const sent = request(`${berth.server.url}${toSign.path}${query}`, { method: toSign.method, headers });
      sent.end(toSign.body);
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const body = await text(response);
      return {
        status: response.statusCode ?? 0,
        headers: response.headers,
        body: JSON.parse(body === '' ? '{}' : body) as Answer['body'],
      };
    }

    function invoke(changes: Partial<RequestToSign> = {}): RequestToSign {
      return {
        method: 'POST',
        path: invocations,
        headers: { 'content-type': 'application/json' },
        body: '{}',
        ...changes,
      };
    }

    function assertRefused(answer: Answer, status: number, type: string, message: RegExp): void {
      assert.deepEqual([answer.status, answer.headers['x-amzn-errortype']], [status, type]);
      assert.match(answer.body.message ?? '', message);
      assert.match(String(answer.headers['x-amzn-requestid']), /^[0-9a-f-]{36}$/);
    }

    it('who they are: no signature, a wrong one, an old one, an unknown key, another body', async () => {
      verifies(
        'auth:unsigned',
        'auth:tampering',
        'auth:skew',
        'auth:unknown-key',
        'invocations:refused-starts-nothing',
      );
      const unsigned = await fetch(`${berth.server.url}${invocations}`, { method: 'POST', body: '{}' });
      assert.equal(unsigned.headers.get('x-amzn-errortype'), 'MissingAuthenticationTokenException');
      assert.equal(unsigned.status, 403);

      const { authorization = '' } = await signer.sign(invoke());
      const forged = authorization.replace(/Signature=.{8}/, 'Signature=00000000');
      assertRefused(
        await send(invoke(), { authorization: forged }),
        403,
        'InvalidSignatureException',
        /not the one computed here/,
      );

      const old = invoke({ at: new Date(Date.now() - 6 * 60_000) });
      assertRefused(await send(old), 403, 'InvalidSignatureException', /five minutes|expired/);

      const stranger = authorization.replace(/Credential=[^/]+/, 'Credential=AKIAUNKNOWNUNKNOWN00');
      assertRefused(
        await send(invoke(), { authorization: stranger }),
        403,
        'UnrecognizedClientException',
        /./,
      );

      // Its head is good, so that it reaches a session; the agent does not get to see the body's end.
      const headers = { 'content-type': 'application/json', [sessionHeader]: bystander };
      const other = await signer.sign(invoke({ headers, body: '{"prompt":"this"}' }));
      assertRefused(
        await send(invoke({ headers, body: '{"prompt":"that"}' }), other),
        403,
        'InvalidSignatureException',
        /./,
      );
      assert.deepEqual((await berth.agents.invoke(runtime, bystander, {})).heard, []);
    });

    it('what they name: a malformed ARN, an unknown runtime, endpoint, or session', async () => {
      verifies('invocations:targets', 'invocations:stop', 'sessions:unknown-qualifier');
      const malformed = invoke({
        path: `/runtimes/${encodeURIComponent('arn:aws:s3:::bucket')}/invocations`,
      });
      assertRefused(await send(malformed), 400, 'ValidationException', /./);
      const foreign = invoke({ path: invocations.replace('hello-', 'other-') });
      assertRefused(await send(foreign), 404, 'ResourceNotFoundException', /./);
      const badEscape = invoke({ path: '/runtimes/%E0%A4%A/invocations' });
      assertRefused(await send(badEscape), 400, 'ValidationException', /./);
      assertRefused(
        await send(invoke({ query: { qualifier: 'nowhere' } })),
        404,
        'ResourceNotFoundException',
        /nowhere/,
      );
      const stop = invoke({
        path: invocations.replace(/invocations$/, 'stopruntimesession'),
        headers: { [sessionHeader]: randomUUID() },
      });
      assertRefused(await send(stop), 404, 'ResourceNotFoundException', /has no session/);
    });

    it('session ids: too short, too long, with a line break', async () => {
      verifies('invocations:session-id');
      for (const id of ['x'.repeat(32), 'x'.repeat(257)]) {
        const answer = await send(invoke({ headers: { [sessionHeader]: id } }));
        assertRefused(answer, 400, 'ValidationException', /runtimeSessionId/);
      }
      const { authorization = '', 'x-amz-date': date = '' } = await signer.sign(invoke());
      const broken = await raw(
        `POST ${invocations} HTTP/1.1\r\nhost: ${new URL(berth.server.url).host}\r\nauthorization: ${authorization}\r\n` +
          `x-amz-date: ${date}\r\n${sessionHeader}: ${'x'.repeat(33)}\n${'y'.repeat(33)}\r\ncontent-length: 2\r\n\r\n{}`,
      );
      assert.match(broken, /^HTTP\/1\.1 400 /);
    });

    it('what they say: broken JSON, bytes that are no UTF-8, members that break the rules', async () => {
      verifies('wire:cannot-parse', 'wire:all-problems', 'wire:bounds');
      const create = (body: string | Uint8Array) =>
        send({ method: 'PUT', path: '/runtimes/', headers: { 'content-type': 'application/json' }, body });
      for (const body of [
        '{"agentRuntimeName": "x"',
        '[1, 2',
        Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
      ]) {
        const answer = await create(body);
        assertRefused(answer, 400, 'ValidationException', /./);
        assert.equal(answer.body.reason, 'CannotParse');
      }
      const wrong = await create(
        JSON.stringify({ agentRuntimeName: '1 bad name', networkConfiguration: { networkMode: 'MOON' } }),
      );
      assertRefused(wrong, 400, 'ValidationException', /./);
      const names = (wrong.body.fieldList as { name: string }[]).map((field) => field.name);
      assert.deepEqual(names.sort(), [
        'agentRuntimeArtifact',
        'agentRuntimeName',
        'networkConfiguration.networkMode',
        'roleArn',
      ]);
    });

    it('how they send it: heads over size, lengths that conflict, chunks that lie, bodies that stop short', async () => {
      verifies('invocations:bad-uploads');
      const { host } = new URL(berth.server.url);
      const head = `POST ${invocations} HTTP/1.1\r\nhost: ${host}\r\n`;
      for (const [rest, status] of [
        [`x-large: ${'x'.repeat(200_000)}\r\n\r\n`, 431],
        ['content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n', 400],
        ['content-length: 2\r\ncontent-length: 3\r\n\r\n{}', 400],
      ] as const) {
        const answer = await raw(head + rest);
        assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} `));
        assert.match(answer, /^x-amzn-errortype: ValidationException\r$/m);
      }
      assert.match(
        await raw(`${head}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n`),
        /^HTTP\/1\.1 (400|403) /,
      );
      const headers = { [sessionHeader]: bystander };
      const signed = await signer.sign(invoke({ headers, body: 'x'.repeat(100) }));
      const lines = Object.entries({ ...signed, 'content-length': '100' }).map(
        ([name, value]) => `${name}: ${value}\r\n`,
      );
      await raw(`POST ${invocations} HTTP/1.1\r\n${lines.join('')}\r\nhalf`);
    });

    it('a version that is deleted: it is gone, and no endpoint can be pointed at it', async () => {
      verifies('control:delete-version', 'control:endpoint-needs-version');
      const uri = berth.imageUri('hello-node:v1');
      const second = await berth.agents.create(berth.settings('second', uri));
      await berth.agents.update(second, berth.settings('second', uri));
      const version = { path: `/runtimes/${second.id}/`, query: { version: '1' } };
      assert.equal((await send({ method: 'DELETE', ...version })).status, 202);
      const { path } = version;
      assertRefused(
        await send({ method: 'GET', path, query: { version: '1' } }),
        404,
        'ResourceNotFoundException',
        /./,
      );
      const pointed = await send({
        method: 'PUT',
        path: `${path}runtime-endpoints/`,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'prod', agentRuntimeVersion: '1' }),
      });
      assertRefused(pointed, 404, 'ResourceNotFoundException', /version 1/);
    });

    /** Sends bytes as they are and returns all that comes back. */
    async function raw(bytes: string): Promise<string> {
      const socket = connect({ port: Number(new URL(berth.server.url).port), host: '127.0.0.1' });
      let received = '';
      socket.on('data', (chunk) => (received += String(chunk)));
      // A refusal in the middle of an upload may come with a reset.
      socket.on('error', () => {});
      socket.end(bytes);
      await once(socket, 'close').catch(() => {});
      return received;
    }
  },
);
