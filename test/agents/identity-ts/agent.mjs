// An agent of the AgentCore SDK that asks for credentials with the SDK's own wrappers, and streams what comes of it; as
// test/agents/identity-python does.
import { BedrockAgentCoreApp } from 'bedrock-agentcore/runtime';
import { BedrockAgentCoreClient, InvokeAgentRuntimeCommand } from '@aws-sdk/client-bedrock-agentcore';
import { withAccessToken, withApiKey, withWatPropagation } from 'bedrock-agentcore/identity';

const app = new BedrockAgentCoreApp({ invocationHandler: { process: (input) => events(input) } });

app.run();

async function* events(input) {
  let tell;
  const told = new Promise((resolve) => (tell = resolve));
  const credential = credentialFor(input, tell).then(
    (value) => ({ credential: value }),
    (error) => ({ error: `${error.name}: ${error.message}` }),
  );
  const first = await Promise.race([told.then((url) => ({ authorizationUrl: url })), credential]);
  yield { data: first };
  if (first.authorizationUrl !== undefined) yield { data: await credential };
}

function credentialFor(input, onAuthUrl) {
  const { want, provider: providerName, scopes = [], options } = input;
  if (want === 'call') return othersCredential(input);
  if (want === 'api-key') return withApiKey({ providerName })(async (key) => key)();
  const config = { providerName, scopes, authFlow: want, onAuthUrl, ...options };
  return withAccessToken(config)(async (token) => token)();
}

async function othersCredential({ arn, input, options }) {
  const client = new BedrockAgentCoreClient();
  withWatPropagation(client);
  const { response } = await client.send(
    new InvokeAgentRuntimeCommand({ agentRuntimeArn: arn, payload: JSON.stringify(input), ...options }),
  );
  const event = JSON.parse((await response.transformToString()).replace(/^data: /, ''));
  if (event.error !== undefined) throw new Error(event.error);
  return event.credential;
}
