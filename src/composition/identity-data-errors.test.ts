import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { verifies } from '../../test/requirements.ts';
import { documentedAsImpossible } from './testing/documented-errors.ts';
import {
  identityFixture,
  type IdentityFixture,
  type IdentityFixtureOptions,
  returnUrl,
  userId,
} from './testing/identity-fixture.ts';
import { identityOperations, ProvokedErrors } from './testing/provoked-errors.ts';

const provoked = new ProvokedErrors('data');

/** With one request of each operation that would be answered, but for the completion of a consent that nobody gave yet. */
async function start(context: TestContext, options: IdentityFixtureOptions = {}) {
  const fixture = await identityFixture(context, options);
  const { workloadIdentityToken, issuer } = fixture;
  const userToken = await issuer.sign();
  const workloadName = 'worker';
  const asked = {
    ...{ workloadIdentityToken, resourceCredentialProviderName: 'docs', scopes: ['read'] },
    ...{ oauth2Flow: 'USER_FEDERATION', resourceOauth2ReturnUrl: returnUrl },
  };
  const consent = await fixture.call('GetResourceOauth2Token', asked);
  assert.ok('sessionUri' in consent);
  const { sessionUri } = consent;
  const requests = {
    GetWorkloadAccessToken: { workloadName },
    GetWorkloadAccessTokenForJWT: { workloadName, userToken },
    GetWorkloadAccessTokenForUserId: { workloadName, userId },
    GetResourceApiKey: { workloadIdentityToken, resourceCredentialProviderName: 'weather' },
    GetResourceOauth2Token: asked,
    CompleteResourceTokenAuth: { sessionUri, userIdentifier: { userId } },
  };
  return { ...fixture, requests, userToken };
}

async function expectEach(
  fixture: Pick<IdentityFixture, 'call'>,
  error: string,
  inputs: Readonly<Record<string, object>>,
): Promise<void> {
  for (const [operation, input] of Object.entries(inputs))
    await provoked.expect(error, operation, fixture.call(operation, input));
}

describe("each error that the service model lists for Identity's data operations", () => {
  it('UnauthorizedException, for a bearer token, and a token that proves no user', async (context) => {
    verifies('identity:unauthorized');
    const { call, requests, issuer } = await start(context);
    for (const [operation, input] of Object.entries(requests))
      await provoked.expect('UnauthorizedException', operation, call(operation, input, 'bearer'));
    const userToken = await issuer.sign({ exp: 1 });
    const { GetWorkloadAccessTokenForJWT: forJwt, CompleteResourceTokenAuth: completion } = requests;
    await expectEach({ call }, 'UnauthorizedException', {
      GetWorkloadAccessTokenForJWT: { ...forJwt, userToken },
      CompleteResourceTokenAuth: { ...completion, userIdentifier: { userToken } },
    });
  });

  it('AccessDeniedException, for a key that may not, a foreign token and another user', async (context) => {
    const { call, requests } = await start(context);
    for (const [operation, input] of Object.entries(requests))
      await provoked.expect('AccessDeniedException', operation, call(operation, input, 'invoke'));
    const workloadIdentityToken = 'foreign';
    await expectEach({ call }, 'AccessDeniedException', {
      GetResourceApiKey: { ...requests.GetResourceApiKey, workloadIdentityToken },
      GetResourceOauth2Token: { ...requests.GetResourceOauth2Token, workloadIdentityToken },
      CompleteResourceTokenAuth: {
        ...requests.CompleteResourceTokenAuth,
        userIdentifier: { userId: 'another' },
      },
    });
  });

  it('ThrottlingException, over the rate of the operation alone', async (context) => {
    verifies('identity:rates');
    const rates = { identityReadRate: 1, identityCompletionRate: 2 };
    const { call, requests } = await start(context, { rates });
    const { CompleteResourceTokenAuth: completion, GetResourceOauth2Token: asked, ...others } = requests;
    for (const [operation, input] of Object.entries(others)) await call(operation, input);
    // One was asked for at the start.
    await expectEach({ call }, 'ThrottlingException', { GetResourceOauth2Token: asked, ...others });
    const completing = { CompleteResourceTokenAuth: completion };
    for (const _ of [1, 2]) await expectEach({ call }, 'ValidationException', completing);
    await expectEach({ call }, 'ThrottlingException', completing);
  });

  it('InternalServerException, for a store that fails, without what failed', async (context) => {
    const { call, requests, database, unexpected } = await start(context);
    for (const table of ['workload_identities', 'oauth_consents'])
      await database.schema.alterTable(table).renameTo(`lost_${table}`).execute();
    for (const [operation, input] of Object.entries(requests)) {
      const sent = call(operation, input);
      await provoked.expect('InternalServerException', operation, sent);
      await assert.rejects(sent, (error: Error) => !/table|sql/i.test(error.message));
    }
    assert.equal(unexpected.length, Object.keys(requests).length);
  });

  it('ValidationException', async (context) => {
    const { call, requests } = await start(context);
    const workloadName = 'no such form!';
    const resourceCredentialProviderName = workloadName;
    await expectEach({ call }, 'ValidationException', {
      GetWorkloadAccessToken: { workloadName },
      GetWorkloadAccessTokenForJWT: { ...requests.GetWorkloadAccessTokenForJWT, userToken: 'x' },
      GetWorkloadAccessTokenForUserId: { workloadName: 'worker', userId: 'x'.repeat(129) },
      GetResourceApiKey: { ...requests.GetResourceApiKey, resourceCredentialProviderName },
      GetResourceOauth2Token: {
        ...requests.GetResourceOauth2Token,
        resourceOauth2ReturnUrl: 'https://elsewhere.example/back',
      },
      CompleteResourceTokenAuth: requests.CompleteResourceTokenAuth,
    });
  });

  it('ResourceNotFoundException, but nothing of consents that are gone', async (context) => {
    const { call, requests, userToken } = await start(context);
    const workloadName = 'nobody';
    const resourceCredentialProviderName = 'nothing';
    await expectEach({ call }, 'ResourceNotFoundException', {
      GetWorkloadAccessToken: { workloadName },
      GetWorkloadAccessTokenForJWT: { workloadName, userToken },
      GetWorkloadAccessTokenForUserId: { workloadName, userId },
      GetResourceApiKey: { ...requests.GetResourceApiKey, resourceCredentialProviderName },
      GetResourceOauth2Token: { ...requests.GetResourceOauth2Token, resourceCredentialProviderName },
    });
    await call('DeleteWorkloadIdentity', { name: 'worker' });
    const completion = { ...requests.CompleteResourceTokenAuth, userIdentifier: { userToken } };
    await expectEach({ call }, 'AccessDeniedException', { CompleteResourceTokenAuth: completion });
  });

  it('and no other, but those that the documentation says cannot happen', async (context) => {
    verifies('identity:modelled-errors');
    assert.deepEqual(provoked.unseen, await documentedAsImpossible('data'));
    const { requests } = await start(context);
    const ofPlane = identityOperations.filter(({ plane }) => plane === 'data').map(({ name }) => name);
    assert.deepEqual(Object.keys(requests).toSorted(), ofPlane.toSorted());
  });
});
