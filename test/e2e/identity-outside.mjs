// What a developer does with the identity part of the AgentCore SDK for TypeScript, outside Berth; as identity-outside.py does, with
// which it shares input and output. This SDK publishes wrappers only: workload tokens,
// providers and the end of a consent are the AWS SDK's.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  BedrockAgentCoreClient,
  CompleteResourceTokenAuthCommand,
  GetWorkloadAccessTokenForJWTCommand,
  GetWorkloadAccessTokenForUserIdCommand,
} from '@aws-sdk/client-bedrock-agentcore';
import {
  BedrockAgentCoreControlClient,
  CreateApiKeyCredentialProviderCommand,
  CreateOauth2CredentialProviderCommand,
  CreateWorkloadIdentityCommand,
  DeleteApiKeyCredentialProviderCommand,
} from '@aws-sdk/client-bedrock-agentcore-control';
import { withAccessToken, withApiKey } from 'bedrock-agentcore/identity';

const given = JSON.parse(await text(process.stdin));
const data = new BedrockAgentCoreClient();
const control = new BedrockAgentCoreControlClient();
const user = { userId: 'ann' };
const name = 'made-in-typescript';

const application = createServer((request, response) => {
  const sessionUri = new URL(request.url, 'http://application').searchParams.get('session_id');
  const completed =
    sessionUri === null
      ? Promise.reject(new Error('nobody came back'))
      : data.send(new CompleteResourceTokenAuthCommand({ sessionUri, userIdentifier: user }));
  completed.then(
    () => response.end('You may close this window.'),
    () => response.writeHead(404).end(),
  );
}).listen(0, '127.0.0.1');
await once(application, 'listening');
const returnUrl = `http://127.0.0.1:${application.address().port}/back`;

await control.send(new CreateApiKeyCredentialProviderCommand({ name, apiKey: given.apiKey }));
await control.send(
  new CreateOauth2CredentialProviderCommand({
    name,
    credentialProviderVendor: 'CustomOauth2',
    oauth2ProviderConfigInput: {
      customOauth2ProviderConfig: {
        clientId: given.oauth.clientId,
        clientSecret: given.oauth.clientSecret,
        oauthDiscovery: { discoveryUrl: given.oauth.discoveryUrl },
        onBehalfOfTokenExchangeConfig: {
          grantType: 'TOKEN_EXCHANGE',
          tokenExchangeGrantTypeConfig: { actorTokenContent: 'NONE' },
        },
      },
    },
  }),
);
await control.send(new CreateWorkloadIdentityCommand({ name, allowedResourceOauth2ReturnUrls: [returnUrl] }));
const forUser = new GetWorkloadAccessTokenForUserIdCommand({ workloadName: name, ...user });
const workloadIdentityToken = (await data.send(forUser)).workloadAccessToken;

const returned = async (credential) => credential;
const key = withApiKey({ workloadIdentityToken, providerName: name })(returned);
const got = { apiKey: await key() };
got.m2m = await withAccessToken({
  ...{ workloadIdentityToken, providerName: name, scopes: ['read'], authFlow: 'M2M' },
})(returned)();

got.asked = 0;
const consented = withAccessToken({
  ...{ workloadIdentityToken, providerName: given.consents, scopes: ['openid', 'read'] },
  ...{ authFlow: 'USER_FEDERATION', callbackUrl: returnUrl },
  onAuthUrl(authorizationUrl) {
    got.asked += 1;
    console.log(JSON.stringify({ authorizationUrl, returnUrl }));
  },
})(returned);
got.consented = await consented();
got.again = await consented();

const forToken = new GetWorkloadAccessTokenForJWTCommand({ workloadName: name, userToken: given.userToken });
got.exchanged = await withAccessToken({
  workloadIdentityToken: (await data.send(forToken)).workloadAccessToken,
  ...{ providerName: name, scopes: ['read'], authFlow: 'ON_BEHALF_OF_TOKEN_EXCHANGE' },
})(returned)();

await control.send(new DeleteApiKeyCredentialProviderCommand({ name }));
got.deleted = await key().catch((error) => error.name);
console.log(JSON.stringify(got));
application.closeAllConnections();
application.close();
