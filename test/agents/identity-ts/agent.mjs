// An agent of the AgentCore SDK that asks for credentials with the SDK's own wrappers, and streams what comes of it; as
// test/agents/identity-python does.
import { BedrockAgentCoreApp } from 'bedrock-agentcore/runtime';
import { withAccessToken, withApiKey } from 'bedrock-agentcore/identity';

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

function credentialFor({ want, provider: providerName, scopes = [], options }, onAuthUrl) {
  if (want === 'api-key') return withApiKey({ providerName })(async (key) => key)();
  const config = { providerName, scopes, authFlow: want, onAuthUrl, ...options };
  return withAccessToken(config)(async (token) => token)();
}
