import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { RequestSigner } from '../fixture/request-signer.ts';
import { verifies } from '../requirements.ts';

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

interface Outcome {
  readonly answer?: readonly string[];
  readonly code?: string;
  readonly message?: string;
}

/** What role-story.py and role-story.mjs say. */
interface Story extends Credentials {
  readonly method?: string;
  readonly region: string;
  readonly own: Outcome;
  readonly other: Outcome;
  readonly control?: Outcome;
}

interface Place {
  readonly runtime: DeployedRuntime;
  readonly session: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

const internalUrl = 'http://berth.internal:4780';
const credentialsUrl = 'http://169.254.170.2/role/credentials';
/** Keys that a user has for other services of AWS. */
const realKeys = [
  'AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE',
  'AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
];

for (const isolation of ['runc', 'gvisor']) {
  describe(`the role of a runtime in a sandbox of ${isolation}`, { timeout: 480_000 }, () => {
    let berth: BerthFixture;
    let python: Place;
    let javascript: Place;

    before(async () => {
      berth = await BerthFixture.start({ BERTH_ISOLATION: isolation });
      const begin = async (runtime: DeployedRuntime) => {
        const session = randomUUID();
        await berth.agents.invoke(runtime, session, { prompt: 'good day' });
        return { runtime, session };
      };
      python = await begin(await berth.deploy('agentcore-python', 'in_python'));
      javascript = await begin(await berth.deploy('agentcore-ts', 'in_javascript'));
    });
    after(() => berth.destroy());

    async function inside(place: Place, ...command: readonly string[]): Promise<string> {
      const { runtime, session } = place;
      return (await berth.cli('exec', runtime.id, '--session', session, '--', ...command)).stdout;
    }

    /** The story of boto3, with these variables. */
    async function inPython(...variables: readonly string[]): Promise<Story> {
      const program = await readFile(join(import.meta.dirname, 'role-story.py'), 'utf8');
      const names = [python.runtime.id, javascript.runtime.id];
      return JSON.parse(
        await inside(python, 'env', ...variables, 'python3', '-c', program, ...names),
      ) as Story;
    }

    async function inJavaScript(...variables: readonly string[]): Promise<Story> {
      const program = await readFile(join(import.meta.dirname, 'role-story.mjs'), 'utf8');
      const names = [javascript.runtime.id, python.runtime.id];
      const node = ['node', '--input-type=module', '--eval', program, ...names];
      return JSON.parse(await inside(javascript, 'env', ...variables, ...node)) as Story;
    }

    async function ask(place: Place, url: string, options: RequestInit = {}): Promise<Answer> {
      const program = `
        const answer = await fetch(${JSON.stringify(url)}, ${JSON.stringify(options)});
        console.log(JSON.stringify({ status: answer.status, body: await answer.text() }));`;
      return JSON.parse(await inside(place, 'node', '--input-type=module', '--eval', program)) as Answer;
    }

    /** A call of the role's own data operation, signed with these. */
    async function signed(credentials: Credentials, url: string, { runtime }: Place): Promise<RequestInit> {
      const body = JSON.stringify({ workloadName: runtime.id });
      const signer = new RequestSigner({ url, region: berth.server.region, ...credentials });
      const headers = await signer.sign({ method: 'POST', path: operationPath, body });
      return { method: 'POST', headers, body };
    }

    const ownCredentials = async (place: Place): Promise<Credentials> => {
      const { status, body } = await ask(place, credentialsUrl);
      assert.equal(status, 200, body);
      const { AccessKeyId, SecretAccessKey, Token } = JSON.parse(body) as Record<string, string>;
      return {
        accessKeyId: AccessKeyId ?? '',
        secretAccessKey: SecretAccessKey ?? '',
        sessionToken: Token ?? '',
      };
    };

    for (const [language, tell, place] of [
      ['Python', inPython, () => python],
      ['JavaScript', inJavaScript, () => javascript],
    ] as const) {
      it(`is what the AWS SDK for ${language} acts as with nothing configured, and beside real AWS keys`, async () => {
        verifies('role:sdk-credentials', 'role:by-address', 'role:variables', 'role:limited');
        for (const variables of [[], realKeys]) {
          const { accessKeyId, region, own, other } = await tell(...variables);

          assert.match(accessKeyId, variables.length === 0 ? /^ASIA[A-Z2-7]{16}$/ : /^AKIAIOSFODNN7EXAMPLE$/);
          assert.equal(region, berth.server.region);
          assertAllowed(own);
          assert.equal(other.code, 'AccessDeniedException');
          assert.match(
            other.message ?? '',
            new RegExp(`role/agent of agent runtime ${place().runtime.id} is not`),
          );
        }
      });
    }

    it('comes by the metadata service too, and has nothing of the control plane', async () => {
      verifies('role:instance-metadata', 'role:internal-listener');
      const story = await inPython('-u', 'AWS_CONTAINER_CREDENTIALS_RELATIVE_URI');

      assert.equal(story.method, 'iam-role');
      assertAllowed(story.own);
      assert.equal(story.control?.code, 'AccessDeniedException');
      const version1 = await ask(
        javascript,
        'http://169.254.169.254/latest/meta-data/iam/security-credentials/',
      );
      assert.equal(version1.status, 401);
    });

    it("is its own sandbox's only, and nobody's once the session has ended", async () => {
      verifies('role:own-sandbox', 'role:ended');
      const other = { ...javascript, session: randomUUID() };
      await berth.agents.invoke(other.runtime, other.session, { prompt: 'good day' });
      const [credentials, others] = [await ownCredentials(javascript), await ownCredentials(other)];
      assert.notEqual(credentials.accessKeyId, others.accessKeyId);
      const call = await signed(others, internalUrl, other);
      const publicCall = await signed(others, berth.server.url, other);
      const publicly = () => fetch(berth.server.url + operationPath, publicCall);

      assert.ok(isAllowed((await ask(other, internalUrl + operationPath, call)).status));
      const stolen = await ask(javascript, internalUrl + operationPath, call);
      assert.equal(stolen.status, 403);
      assert.match(stolen.body, /given to another session/);
      assert.equal((await publicly()).status, 403);

      await berth.agents.stop(other.runtime, other.session);
      assert.equal((await ask(javascript, internalUrl + operationPath, call)).status, 403);
      assert.equal((await publicly()).status, 403);
      // The same id again is another incarnation.
      await berth.agents.invoke(other.runtime, other.session, { prompt: 'good day' });
      assert.equal((await ask(other, internalUrl + operationPath, call)).status, 403);
    });

    it('outlives the server that gave its credentials, killed or replaced', async () => {
      verifies('role:lifetime');
      const credentials = await ownCredentials(javascript);
      const call = async () => {
        const request = await signed(credentials, internalUrl, javascript);
        return (await ask(javascript, internalUrl + operationPath, request)).status;
      };

      await berth.process.kill();
      await berth.process.start();
      assert.ok(isAllowed(await call()));
      await berth.upgrade();
      assert.ok(isAllowed(await call()));
    });

    it('is not given to a pooled sandbox before a session has claimed it, but to a starting one of a session', async () => {
      verifies('role:pooled');
      const placeholder = 'ASIANOSESSIONNOSESSI';
      const program = `
        import { writeFileSync } from 'node:fs';
        const ask = async () => (await (await fetch('${credentialsUrl}')).json()).AccessKeyId;
        let id = await ask();
        for (let round = 0; round < 20 && id === '${placeholder}'; round += 1) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          id = await ask();
        }
        writeFileSync('/tmp/at-start', id);`;
      const settings = {
        environmentVariables: {
          NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(program)}`,
        },
      };
      const runtime = await berth.deploy('hello-node', 'cold', settings);
      const pooled = await berth.deploy('hello-node', 'pooled', {
        ...settings,
        tags: { 'berth:pool-min': '1' },
      });
      while (!/^berth_pool_ready 1$/m.test(await berth.metrics())) await sleep(100);
      const session = randomUUID();

      const atStart = { readFile: '/tmp/at-start' };
      const cold = (await berth.agents.invoke(runtime, randomUUID(), atStart)).file ?? '';
      assert.match(cold, /^ASIA[A-Z2-7]{16}$/);
      assert.notEqual(cold, placeholder);
      assert.equal((await berth.agents.invoke(pooled, session, atStart)).file, placeholder);
      assert.match(await berth.metrics(), /^berth_pool_claims_total\{outcome="hit"\} 1$/m);
      const { accessKeyId } = await ownCredentials({ runtime: pooled, session });
      assert.notEqual(accessKeyId, placeholder);
    });
  });
}

const operationPath = '/identities/GetWorkloadAccessToken';

function isAllowed(status: number): boolean {
  return status === 200;
}

function assertAllowed({ answer, code }: Outcome): void {
  assert.ok(answer !== undefined, code);
}
