import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, it } from 'node:test';
import {
  CompleteResourceTokenAuthCommand,
  InvokeAgentRuntimeCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  CreateApiKeyCredentialProviderCommand,
  CreateOauth2CredentialProviderCommand,
  DeleteApiKeyCredentialProviderCommand,
  GetAgentRuntimeCommand,
  UpdateWorkloadIdentityCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { type Browser, chromium } from 'playwright-core';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { OutsideProvider } from '../fixture/outside-provider.ts';
import { verifies } from '../requirements.ts';

interface AgentEvent {
  readonly authorizationUrl?: string;
  readonly credential?: string;
  readonly error?: string;
}

const apiKey = 'sk-the-key-of-the-outside-service';

describe('credentials for agents of the AgentCore SDKs', { timeout: 360_000 }, () => {
  let berth: BerthFixture;
  let outside: OutsideProvider;
  let browser: Browser;
  /** Where the application has users sent back to. */
  let application: Server;
  let returnUrl: string;
  const returned: URL[] = [];

  before(async () => {
    outside = await OutsideProvider.start();
    berth = await BerthFixture.start({ BERTH_PRIVATE_ISSUERS: outside.issuer });
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
          },
        },
      }),
    );
    outside.serve([callbackUrl]);
    application = createServer((request, response) => {
      const address = new URL(request.url ?? '', returnUrl);
      if (address.pathname === '/back') returned.push(address);
      response.end('You may close this window.');
    }).listen(0, '127.0.0.1');
    await once(application, 'listening');
    returnUrl = `http://127.0.0.1:${(application.address() as AddressInfo).port}/back`;
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
  });

  after(async () => {
    await browser?.close();
    application?.close();
    await berth?.destroy();
    await outside?.[Symbol.asyncDispose]();
  });

  for (const sdk of ['identity-python', 'identity-ts'] as const) {
    describe(sdk, () => {
      let runtime: DeployedRuntime;
      before(async () => {
        runtime = await berth.deploy(sdk, sdk.replace('-', '_'));
        const { workloadIdentityDetails } = await berth.control.send(
          new GetAgentRuntimeCommand({ agentRuntimeId: runtime.id }),
        );
        const name = workloadIdentityDetails?.workloadIdentityArn?.split('/').at(-1);
        await berth.control.send(
          new UpdateWorkloadIdentityCommand({ name, allowedResourceOauth2ReturnUrls: [returnUrl] }),
        );
      });

      it('has its user’s API key, and without a user none', async () => {
        verifies('identity:sdk-api-key');
        const input = { want: 'api-key', provider: 'outside-key' };
        assert.deepEqual(await eventsOf(runtime, input, { runtimeUserId: 'ann' }), [{ credential: apiKey }]);
        const [refused] = await eventsOf(runtime, input);
        assert.match(refused?.error ?? '', /token/i);
        const [unknown] = await eventsOf(runtime, { ...input, provider: 'nobody' }, { runtimeUserId: 'ann' });
        assert.match(unknown?.error ?? '', /ResourceNotFoundException/);
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
        const options = sdk === 'identity-python' ? { callback_url: returnUrl } : { callbackUrl: returnUrl };
        const input = { want: 'USER_FEDERATION', provider: 'outside', scopes: ['openid', 'read'], options };
        const consent = async (url: string) => {
          await logIn(url, 'ann');
          const sessionUri = returned.at(-1)?.searchParams.get('session_id') ?? '';
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

  it('a token is had in exchange for the one that its user came with', async () => {
    verifies('identity:sdk-exchange');
    const deployed = await berth.cli(
      ...['deploy', `oci:${repository}/.cache/images/identity-python`, '--name', 'exchanging', '--json'],
      ...['--jwt-discovery-url', 'development', '--jwt-client', 'web'],
    );
    const { agentRuntimeArn } = JSON.parse(deployed.stdout) as { agentRuntimeArn: string };
    await berth.control.send(
      new CreateOauth2CredentialProviderCommand({
        name: 'exchange',
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
    const token = (await berth.cli('token', '--client', 'web', '--user', 'ann')).stdout.trim();
    const answer = await fetch(
      `${berth.server.url}/runtimes/${encodeURIComponent(agentRuntimeArn)}/invocations?qualifier=DEFAULT`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ want: 'ON_BEHALF_OF_TOKEN_EXCHANGE', provider: 'exchange', scopes: ['read'] }),
      },
    );
    const [event] = (await answer.text()).split('\n\n');
    const { credential, error } = JSON.parse((event ?? '').replace(/^data: /, '')) as AgentEvent;
    assert.deepEqual(await outside.introspect(credential ?? error ?? ''), { scope: 'read' });
    assert.deepEqual(outside.exchanged, [token]);
  });

  it('a key whose provider is deleted is nobody’s any more', async () => {
    verifies('identity:sdk-api-key');
    const runtime = await berth.deploy('identity-python', 'revoked');
    const input = { want: 'api-key', provider: 'passing' };
    await berth.control.send(new CreateApiKeyCredentialProviderCommand({ name: 'passing', apiKey }));
    assert.deepEqual(await eventsOf(runtime, input, { runtimeUserId: 'ann' }), [{ credential: apiKey }]);
    await berth.control.send(new DeleteApiKeyCredentialProviderCommand({ name: 'passing' }));
    const [refused] = await eventsOf(runtime, input, { runtimeUserId: 'ann' });
    assert.match(refused?.error ?? '', /ResourceNotFoundException/);
  });

  /** What an agent tells, to its end; whoever is to consent does so meanwhile. */
  async function eventsOf(
    runtime: DeployedRuntime,
    input: object,
    caller: { readonly runtimeUserId?: string } = {},
    onUrl: (url: string) => Promise<void> = async () => {},
  ): Promise<readonly AgentEvent[]> {
    const { response } = await berth.data.send(
      new InvokeAgentRuntimeCommand({
        agentRuntimeArn: runtime.arn,
        runtimeSessionId: randomUUID(),
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

  /** In a browser of their own, as a person does: logs in at the outside provider, and consents. */
  async function logIn(url: string, name: string): Promise<void> {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(url);
      await page.fill('input[name=login]', name);
      await page.fill('input[name=password]', 'any');
      await page.click('button[type=submit]');
      await page.click('button[type=submit]');
      await page.waitForURL((at) => at.href.startsWith(returnUrl));
    } finally {
      await context.close();
    }
  }
});
