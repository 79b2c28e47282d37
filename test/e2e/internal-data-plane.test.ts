import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, it } from 'node:test';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { RequestSigner } from '../fixture/request-signer.ts';
import { verifies } from '../requirements.ts';

interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const internalUrl = 'http://berth.internal:4780';

/** What the public listener serves beside the data plane. */
const elsewhere = {
  operators: { method: 'GET', path: '/berth/v1/server' },
  registry: { method: 'GET', path: '/v2/' },
  metrics: { method: 'GET', path: '/metrics' },
  /** ListAgentRuntimes. */
  control: { method: 'POST', path: '/runtimes/' },
} as const satisfies Record<string, Call>;
const all: readonly Call[] = Object.values(elsewhere);

describe('the internal listener, called from inside a sandbox', { timeout: 300_000 }, () => {
  const session = randomUUID();
  let berth: BerthFixture;
  let runtime: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start();
    runtime = await berth.deploy('hello-node', 'curious');
    await berth.agents.invoke(runtime, session, {});
  });
  after(() => berth.destroy());

  /** Statuses and answers. */
  async function callFromInside(calls: readonly Call[]): Promise<readonly (readonly [number, string])[]> {
    const program = `
      const answers = [];
      for (const { method, path, headers } of ${JSON.stringify(calls)}) {
        const answer = await fetch('${internalUrl}' + path, { method, headers });
        answers.push([answer.status, await answer.text()]);
      }
      console.log(JSON.stringify(answers));`;
    const inside = ['node', '--input-type=module', '--eval', program];
    const { stdout } = await berth.cli('exec', 'curious', '--session', session, '--', ...inside);
    return JSON.parse(stdout) as [number, string][];
  }

  async function signedBy(
    key: Pick<BerthFixture['server'], 'accessKeyId' | 'secretAccessKey'>,
    url: string,
    calls: readonly Call[],
  ): Promise<readonly Call[]> {
    const signer = new RequestSigner({ ...berth.server, ...key, url });
    return Promise.all(calls.map(async (call) => ({ ...call, headers: await signer.sign(call) })));
  }

  it('serves nothing of operators, the registry, metrics and the control plane to calls that prove nothing', async () => {
    verifies('isolation:internal-data-plane', 'role:internal-listener', 'role:signed');
    const { accessKeyId } = berth.server;
    const guessed = { accessKeyId, secretAccessKey: 'a-guess' };
    const password = Buffer.from('AWS:a-guess').toString('base64');

    const answers = await callFromInside([
      ...all,
      ...(await signedBy(guessed, internalUrl, all)),
      ...all.map((call) => ({ ...call, headers: { authorization: `Basic ${password}` } })),
      ...all.map((call) => ({ ...call, headers: { authorization: 'Bearer a-guess' } })),
    ]);

    assert.deepEqual(
      answers.map(([status]) => status),
      answers.map(() => 403),
      JSON.stringify(answers),
    );
  });

  it("has none of it for a runtime's role, nor for the operator's key, which the public listener answers", async () => {
    verifies('isolation:internal-data-plane', 'role:internal-listener');
    const { server } = berth;
    const { control, operators } = elsewhere;
    for (const { method, path, headers = {} } of await signedBy(server, server.url, [control, operators]))
      assert.equal((await fetch(server.url + path, { method, headers })).status, 200, path);
    // Keys of another place: the call acts as the role.
    const foreign = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'a-guess' };

    for (const key of [foreign, server]) {
      const answers = await callFromInside(await signedBy(key, internalUrl, all));

      const expected = all.map((call) => (call === control ? 403 : 404));
      assert.deepEqual(
        answers.map(([status]) => status),
        expected,
        JSON.stringify(answers),
      );
    }
  });
});
