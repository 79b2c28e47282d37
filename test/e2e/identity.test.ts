import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CompleteResourceTokenAuthCommand,
  InvokeAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateApiKeyCredentialProviderCommand,
  CreateOauth2CredentialProviderCommand,
  DeleteAgentRuntimeCommand,
  DeleteApiKeyCredentialProviderCommand,
  GetAgentRuntimeCommand,
  PutResourcePolicyCommand,
  UpdateWorkloadIdentityCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture, berthCommand, repository } from '../fixture/berth-fixture.ts';
import { ConsentingUsers } from '../fixture/consenting-users.ts';
import { OutsideProvider } from '../fixture/outside-provider.ts';
import { installPythonClients, pythonClients } from '../fixture/python-clients.ts';
import { unpackApp } from '../fixture/unpack-app.ts';
import { verifies } from '../requirements.ts';

interface AgentEvent {
  readonly authorizationUrl?: string;
  readonly credential?: string;
  readonly error?: string;
}

const apiKey = 'sk-the-key-of-the-outside-service';

/** What the programs of identity-outside.* got. */
interface Got {
  readonly apiKey: string;
  readonly m2m: string;
  readonly consented: string;
  readonly again: string;
  /** How often the user was asked. */
  readonly asked: number;
  readonly exchanged: string;
  /** The error without the provider. */
  readonly deleted: string;
}

const sdks = ['identity-python', 'identity-ts'] as const;

describe('credentials for agents of the AgentCore SDKs', { timeout: 480_000 }, () => {
  let berth: BerthFixture;
  let outside: OutsideProvider;
  let users: ConsentingUsers;
  const deployed: Partial<Record<(typeof sdks)[number], DeployedRuntime>> = {};

  before(async () => {
    outside = await OutsideProvider.start();
    berth = await BerthFixture.start({
      BERTH_PRIVATE_ISSUERS: outside.issuer,
      BERTH_USER_TOKEN_ISSUERS: outside.discoveryUrl,
    });
    await berth.control.send(new CreateApiKeyCredentialProviderCommand({ name: 'outside-key', apiKey }));
    const { callbackUrl = '' } = await berth.control.send(
      new CreateOauth2CredentialProviderCommand({
        name: 'outside',
        credentialProviderVendor: 'CustomOauth2',
        oauth2ProviderConfigInput: {
          customOauth2ProviderConfig: {
            clientId: outside.clientId,
            clientSecret: outside.clientSecret,
            oauthDiscovery: { discoveryUrl: outside.discoveryUrl },
            onBehalfOfTokenExchangeConfig: {
              grantType: 'TOKEN_EXCHANGE',
              tokenExchangeGrantTypeConfig: { actorTokenContent: 'NONE' },
            },
          },
        },
      }),
    );
    outside.serve([callbackUrl]);
    users = await ConsentingUsers.start();
  });

  after(async () => {
    await users?.[Symbol.asyncDispose]();
    await berth?.destroy();
    await outside?.[Symbol.asyncDispose]();
  });

  for (const sdk of sdks) {
    describe(sdk, () => {
      let runtime: DeployedRuntime;
      before(async () => {
        runtime = await berth.deploy(sdk, sdk.replace('-', '_'));
        deployed[sdk] = runtime;
        const { workloadIdentityDetails } = await berth.control.send(
          new GetAgentRuntimeCommand({ agentRuntimeId: runtime.id }),
        );
        const name = workloadIdentityDetails?.workloadIdentityArn?.split('/').at(-1);
        await berth.control.send(
          new UpdateWorkloadIdentityCommand({ name, allowedResourceOauth2ReturnUrls: [users.returnUrl] }),
        );
      });

      it('has its user’s API key, and without a user or the provider none', async () => {
        verifies('identity:sdk-api-key');
        const name = `of-${sdk}`;
        await berth.control.send(new CreateApiKeyCredentialProviderCommand({ name, apiKey }));
        const input = { want: 'api-key', provider: name };
        const ann = { runtimeUserId: 'ann' };
        assert.deepEqual(await eventsOf(runtime, input, ann), [{ credential: apiKey }]);
        const [refused] = await eventsOf(runtime, input);
        assert.match(refused?.error ?? '', sdk === 'identity-python' ? /Runtime-User-Id header/ : /token/i);
        const [unknown] = await eventsOf(runtime, { ...input, provider: 'nobody' }, ann);
        assert.match(unknown?.error ?? '', /ResourceNotFoundException/);
        await berth.control.send(new DeleteApiKeyCredentialProviderCommand({ name }));
        const [revoked] = await eventsOf(runtime, input, ann);
        assert.match(revoked?.error ?? '', /ResourceNotFoundException/);
      });

      it('has a token of its own, for a machine', async () => {
        verifies('identity:sdk-m2m');
        const input = { want: 'M2M', provider: 'outside', scopes: ['read'] };
        const [event] = await eventsOf(runtime, input, { runtimeUserId: 'ann' });
        assert.deepEqual(await outside.introspect(event?.credential ?? event?.error ?? ''), {
          scope: 'read',
        });
      });

      it('has its user’s consent, which is asked for once and is no other user’s', async () => {
        verifies('identity:sdk-consent');
        const user = `ann of ${sdk}`;
        const callback = sdk === 'identity-python' ? 'callback_url' : 'callbackUrl';
        const options = { [callback]: users.returnUrl };
        const input = { want: 'USER_FEDERATION', provider: 'outside', scopes: ['openid', 'read'], options };
        const consent = async (url: string) => {
          const sessionUri = await users.consent(url, 'ann');
          await berth.data.send(
            new CompleteResourceTokenAuthCommand({ sessionUri, userIdentifier: { userId: user } }),
          );
        };
        const [asked, got] = await eventsOf(runtime, input, { runtimeUserId: user }, consent);
        assert.ok(asked?.authorizationUrl?.startsWith(berth.server.url));
        const about = await outside.introspect(got?.credential ?? got?.error ?? '');
        assert.deepEqual(about, { subject: 'ann', scope: 'openid read' });
        assert.deepEqual(await eventsOf(runtime, input, { runtimeUserId: user }), [got]);
        let other: string | undefined;
        const ofBob = eventsOf(runtime, input, { runtimeUserId: 'bob' }, async (url) => {
          other = url;
          throw new Error('bob does not consent');
        });
        await assert.rejects(ofBob, /bob does not consent/);
        assert.ok(other?.startsWith(berth.server.url));
      });
    });
  }

  it('a pooled agent whose decorators have made their clients when it started has its user’s key', async () => {
    verifies('identity:sdk-api-key', 'role:pooled');
    const pooled = await berth.deploy('identity-python', 'pooled', { tags: { 'berth:pool-min': '1' } });
    while (!/^berth_pool_ready 1$/m.test(await berth.metrics())) await sleep(100);
    const events = await eventsOf(pooled, { want: 'early-key' }, { runtimeUserId: 'ann' });
    assert.deepEqual(events, [{ credential: apiKey }]);
    assert.match(await berth.metrics(), /^berth_pool_claims_total\{outcome="hit"\} 1$/m);
    await berth.control.send(new DeleteAgentRuntimeCommand({ agentRuntimeId: pooled.id }));
  });

  it('an agent hands its user on to another one that it calls, and names nobody itself', async () => {
    verifies('identity:sdk-chain', 'role:hands-on');
    const [back, front] = runtimes();
    const call = { want: 'call', arn: back.arn, input: { want: 'api-key', provider: 'outside-key' } };
    const ann = { runtimeUserId: 'ann' };
    const [refused] = await eventsOf(front, call, ann);
    assert.match(refused?.error ?? '', /AccessDeniedException.*:InvokeAgentRuntime on/);
    await mayBeCalledBy(back, front);
    assert.deepEqual(await eventsOf(front, call, ann), [{ credential: apiKey }]);
    const [nobody] = await eventsOf(front, call);
    assert.match(nobody?.error ?? '', /Runtime-User-Id header/);
    for (const caller of [{}, ann]) {
      const [named] = await eventsOf(front, { ...call, options: { runtimeUserId: 'bob' } }, caller);
      assert.match(named?.error ?? '', /AccessDeniedException.*not believed when it only names/);
    }
  });

  describe('for users with bearer tokens', () => {
    const exchange = { want: 'ON_BEHALF_OF_TOKEN_EXCHANGE', provider: 'outside', scopes: ['read'] };
    const guarded: DeployedRuntime[] = [];
    before(async () => {
      const { discoveryUrl, userClientId } = outside;
      const customJWTAuthorizer = { discoveryUrl, allowedClients: [userClientId] };
      for (const sdk of sdks)
        guarded.push(
          await berth.deploy(sdk, sdk.replace('identity-', 'guarded_'), {
            authorizerConfiguration: { customJWTAuthorizer },
            requestHeaderConfiguration: { requestHeaderAllowlist: ['Authorization'] },
          }),
        );
    });

    for (const [index, sdk] of sdks.entries())
      it(`an agent of ${sdk} has a token in exchange for the one that its user came with`, async () => {
        verifies('identity:sdk-exchange');
        await assertExchanged(guarded[index], exchange);
      });

    it('an agent that it calls has one, too, called with the workload token or with the bearer token', async () => {
      verifies('identity:sdk-chain', 'oauth:subject-token-chain');
      const [front, guardedBack] = guarded;
      const [, back] = runtimes();
      assert.ok(front);
      await mayBeCalledBy(back, front);
      await assertExchanged(front, { want: 'call', arn: back.arn, input: exchange });
      await assertExchanged(front, { want: 'call', arn: guardedBack?.arn, input: exchange, as: 'bearer' });
    });

    /** For a user of this call's own. */
    async function assertExchanged(runtime: DeployedRuntime | undefined, input: object): Promise<void> {
      const userToken = await outside.userToken(randomUUID());
      const path = `/runtimes/${encodeURIComponent(runtime?.arn ?? '')}/invocations`;
      const answer = await fetch(berth.server.url + path, {
        method: 'POST',
        headers: { authorization: `Bearer ${userToken}`, 'content-type': 'application/json' },
        body: JSON.stringify(input),
      });
      const { credential, error } = JSON.parse((await answer.text()).replace(/^data: /, '')) as AgentEvent;
      assert.deepEqual(await outside.introspect(credential ?? error ?? ''), { scope: 'read' });
      assert.equal(outside.exchanged.at(-1), userToken);
    }
  });

  describe('outside Berth', () => {
    let folder: string;
    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'berth-outside-'));
      await installPythonClients();
      await unpackApp('identity-ts', folder);
      await cp(join(repository, 'test/e2e/identity-outside.mjs'), join(folder, 'identity-outside.mjs'));
    });
    after(() => rm(folder, { recursive: true, force: true }));

    const python = [join(pythonClients, 'bin/python'), join(repository, 'test/e2e/identity-outside.py')];
    const node = [process.execPath, 'identity-outside.mjs'];
    it('the SDKs give a developer’s own program keys, and tokens of all flows', async () => {
      verifies('identity:sdk-outside', 'cli:env-command');
      const stories = [python, node].map(async (program) => {
        const userToken = await outside.userToken(randomUUID());
        const got = await storyOf(program, folder, userToken);
        const { apiKey: key, m2m, consented, again, asked, exchanged, deleted } = got;
        assert.equal(key, apiKey);
        assert.deepEqual(await outside.introspect(m2m), { scope: 'read' });
        assert.deepEqual(await outside.introspect(consented), { subject: 'ann', scope: 'openid read' });
        assert.deepEqual([again, asked], [consented, 1]);
        assert.deepEqual(await outside.introspect(exchanged), { scope: 'read' });
        assert.ok(outside.exchanged.includes(userToken));
        assert.equal(deleted, 'ResourceNotFoundException');
      });
      await Promise.all(stories);
    });
  });

  /** Of Python, and of TypeScript. */
  function runtimes(): readonly [DeployedRuntime, DeployedRuntime] {
    const [python, typescript] = sdks.map((sdk) => deployed[sdk]);
    assert.ok(python && typescript);
    return [python, typescript];
  }

  /** Lets the agents of `front` call `back`. */
  async function mayBeCalledBy(back: DeployedRuntime, front: DeployedRuntime): Promise<void> {
    const account = back.arn.split(':')[4];
    for (const resourceArn of [back.arn, `${back.arn}/runtime-endpoint/DEFAULT`]) {
      const statement = {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:role/${front.id}` },
        Action: 'bedrock-agentcore:InvokeAgentRuntime',
        Resource: resourceArn,
      };
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await berth.control.send(new PutResourcePolicyCommand({ resourceArn, policy }));
    }
  }

  /** Runs a program where `berth env` leads it; users consent when it asks them to. */
  async function storyOf(program: readonly string[], cwd: string, userToken: string): Promise<Got> {
    const env = { ...process.env, BERTH_HOME: berth.server.home };
    const child = spawn(berthCommand, ['env', '--', ...program], { cwd, env });
    const errors = text(child.stderr);
    const { clientId, clientSecret, discoveryUrl } = outside;
    const given = { apiKey, oauth: { clientId, clientSecret, discoveryUrl }, consents: 'outside', userToken };
    child.stdin.end(JSON.stringify(given));
    let got: unknown;
    for await (const line of createInterface(child.stdout)) {
      if (!line.startsWith('{')) continue;
      got = JSON.parse(line);
      const { authorizationUrl, returnUrl } = got as Partial<Record<string, string>>;
      if (authorizationUrl !== undefined) await users.consent(authorizationUrl, 'ann', returnUrl);
    }
    const said = await errors;
    assert.equal(child.exitCode ?? (await once(child, 'exit'))[0], 0, said);
    return got as Got;
  }

  /** What an agent tells, to its end; whoever is to consent does so meanwhile. Every agent is called in one session. */
  async function eventsOf(
    runtime: DeployedRuntime,
    input: object,
    caller: { readonly runtimeUserId?: string } = {},
    onUrl: (url: string) => Promise<void> = async () => {},
  ): Promise<readonly AgentEvent[]> {
    const { response } = await berth.data.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: runtime.arn,
        runtimeSessionId: `the-one-session-of-${runtime.id}`.padEnd(33, '-'),
        payload: Buffer.from(JSON.stringify(input)),
        contentType: 'application/json',
        ...caller,
      }),
    );
    const events: AgentEvent[] = [];
    let pending = '';
    const decoder = new TextDecoder();
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      const parts = (pending + decoder.decode(chunk, { stream: true })).split('\n\n');
      pending = parts.pop() ?? '';
      for (const part of parts) {
        const event = JSON.parse(part.replace(/^data: /, '')) as AgentEvent;
        events.push(event);
        if (event.authorizationUrl !== undefined) await onUrl(event.authorizationUrl);
      }
    }
    return events;
  }
});
