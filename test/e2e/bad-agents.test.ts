import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, it } from 'node:test';
import { InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { verifies } from '../requirements.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';

const tooLate = 'Runtime initialization time exceeded. Please make sure that initialization completes in 6s.';

describe(
  'agents that do wrong cost their own callers an error, and nobody else anything',
  { timeout: 300_000 },
  () => {
    let berth: BerthFixture;
    let runtime: DeployedRuntime;
    const bystander = randomUUID();
    let bystanderBootId: unknown;

    before(async () => {
      berth = await BerthFixture.start({
        BERTH_START_TIMEOUT: '6s',
        BERTH_SANDBOX_MEMORY: '192MiB',
        BERTH_SANDBOX_DISK: '96MiB',
        BERTH_SANDBOX_PIDS: '96',
        BERTH_SANDBOX_LOG_SIZE: '8MiB',
      });
      runtime = await berth.deploy('unruly', 'unruly');
      bystanderBootId = (await tell(runtime, bystander, 'hello'))['bootId'];
    });

    after(() => berth.destroy());

    afterEach(async () => {
      assert.equal((await tell(runtime, bystander, 'hello'))['bootId'], bystanderBootId);
    });

    describe('while they start', () => {
      let live: number;
      before(async () => {
        live = await berth.liveSessions();
      });
      after(async () => {
        assert.equal(await berth.liveSessions(), live);
      });

      const starts: readonly (readonly [string, string, string, RegExp])[] = [
        ['exits', 'exit', 'exit', /exited with code 3 before it answered GET \/ping on port 8080\./],
        ['never listens', 'silent', 'silent', /Nothing listens on port 8080 of the container/],
        ['listens on the wrong port', 'wrong-port', 'wrong_port', /It listens on port 3000 instead/],
        [
          'answers its health check with an error',
          'ping-error',
          'ping_error',
          /did not answer with a 2xx status: .*500/,
        ],
      ];
      for (const [what, behaviour, name, reason] of starts) {
        it(`one that ${what}`, async () => {
          verifies('sessions:start-fails', 'sessions:failed-start-leaves-nothing');
          const failing = await berth.deploy('unruly', name, { environmentVariables: { UNRULY: behaviour } });

          const error = await refusal(failing, randomUUID(), 'hello');

          assert.equal(error.name, 'RuntimeClientError');
          assert.ok(error.message.includes(tooLate), error.message);
          assert.match(error.message, reason);
        });
      }
    });

    it('one whose health check answers garbage with status 200 counts as healthy', async () => {
      verifies('sessions:ping-bounded');
      const odd = await berth.deploy('unruly', 'garbage', {
        environmentVariables: { UNRULY: 'ping-garbage' },
      });
      assert.ok((await tell(odd, randomUUID(), 'hello'))['bootId']);
    });

    describe('while they answer', () => {
      it('one that exits in mid-stream: the connection ends unfinished, the next call starts clean', async () => {
        verifies('invocations:dies-in-mid-stream', 'sessions:crash');
        const id = randomUUID();
        const { bootId } = await tell(runtime, id, 'hello');
        const { response } = await send(runtime, id, 'exitInMidStream');
        await assert.rejects(async () => response?.transformToString());
        assert.notEqual((await tell(runtime, id, 'hello'))['bootId'], bootId);
      });

      const faults: readonly (readonly [string, string, RegExp])[] = [
        ['closes the connection', 'closeWithoutAnswer', /closed the connection before it answered/],
        ['does not speak HTTP', 'speakNonsense', /answer is not HTTP/],
        ['answers with a head of 100 KiB', 'hugeHead', /larger than 64 KiB/],
      ];
      for (const [what, deed, reason] of faults) {
        it(`one that ${what}: 424, and the session goes on`, async () => {
          verifies('invocations:agent-unreachable');
          const id = randomUUID();
          const { bootId } = await tell(runtime, id, 'hello');
          const error = await refusal(runtime, id, deed);
          assert.equal(error.name, 'RuntimeClientError');
          assert.match(error.message, reason);
          assert.equal((await tell(runtime, id, 'hello'))['bootId'], bootId);
        });
      }

      it('one that never answers: its caller can leave, and the session goes on', async () => {
        verifies('invocations:caller-leaves');
        const id = randomUUID();
        const { bootId } = await tell(runtime, id, 'hello');
        await assert.rejects(send(runtime, id, 'neverAnswer', { abortSignal: AbortSignal.timeout(500) }), {
          name: 'AbortError',
        });
        assert.equal((await tell(runtime, id, 'hello'))['bootId'], bootId);
      });

      it('one whose stream never ends sees its caller go', async () => {
        verifies('invocations:caller-leaves', 'labs:A3a');
        const id = randomUUID();
        const leaving = new AbortController();
        const { response } = await send(runtime, id, 'streamForEver', { abortSignal: leaving.signal });
        const first = await response?.transformToWebStream().getReader().read();
        assert.equal(Buffer.from(first?.value ?? '').toString(), 'data: the first of many\n\n');
        leaving.abort();
        while ((await tell(runtime, id, 'hello'))['callersGone'] !== 1);
      });
    });

    describe('with what they use up', () => {
      it('one that fills its disk sees a full disk', async () => {
        verifies('sandboxes:disk-limit');
        assert.equal((await tell(runtime, randomUUID(), 'fillDisk'))['code'], 'ENOSPC');
      });

      it('one that eats memory is ended, and its caller is told why', async () => {
        verifies('sandboxes:memory-limit', 'sessions:crash');
        const id = randomUUID();
        const error = await refusal(runtime, id, 'eatMemory');
        assert.equal(error.name, 'RuntimeClientError');
        assert.match(error.message, /ran out of memory/);
        assert.ok((await tell(runtime, id, 'hello'))['bootId']);
      });

      it('one that forks without end meets its limit', async () => {
        verifies('sandboxes:pids-limit');
        assert.ok((await tell(runtime, randomUUID(), 'fork'))['refused']);
      });

      it('one that floods its standard output is not held up, and its log keeps its size', async () => {
        verifies('sandboxes:log-rotation');
        const id = randomUUID();
        const flooded = await tell(runtime, id, 'flood', { lines: 300_000, lineBytes: 999 });
        assert.equal(flooded['floodedBytes'], 300_000_000);
        const { stdout } = await berth.cli('logs', runtime.id, '--session', id, '--tail', '3');
        assert.match(stdout, /flood flood/);
      });

      it('one that writes a line of 60 MB is not held up', async () => {
        verifies('sandboxes:log-long-lines', 'labs:A3c');
        const line = await tell(runtime, randomUUID(), 'flood', { lines: 1, lineBytes: 60_000_000 });
        assert.equal(line['floodedBytes'], 60_000_001);
      });
    });

    function send(
      of: DeployedRuntime,
      runtimeSessionId: string,
      deed: string,
      { abortSignal, ...input }: { readonly abortSignal?: AbortSignal } & Record<string, unknown> = {},
    ) {
      const payload = Buffer.from(JSON.stringify({ deed, ...input }));
      return berth.data.send(
        new InvokeAgentRuntimeCommand({ agentRuntimeArn: of.arn, runtimeSessionId, payload }),
        abortSignal && { abortSignal },
      );
    }

    async function tell(of: DeployedRuntime, id: string, deed: string, input: Record<string, unknown> = {}) {
      const { response } = await send(of, id, deed, input);
      return JSON.parse((await response?.transformToString()) ?? '') as Record<string, unknown>;
    }

    async function refusal(of: DeployedRuntime, id: string, deed: string): Promise<Error> {
      const error: unknown = await send(of, id, deed).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      assert.ok(error instanceof Error, 'the call was not refused');
      return error;
    }
  },
);
