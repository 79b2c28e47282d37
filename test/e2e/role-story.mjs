// What an agent's own AWS SDK for JavaScript gets, with nothing configured, as JSON: its credentials, and what comes of calls.
import { BedrockAgentCoreClient, GetWorkloadAccessTokenCommand } from '@aws-sdk/client-bedrock-agentcore';

const [own, other] = process.argv.slice(-2);
const client = new BedrockAgentCoreClient();

async function outcome(workloadName) {
  try {
    const { $metadata: _, ...answer } = await client.send(
      new GetWorkloadAccessTokenCommand({ workloadName }),
    );
    return { answer: Object.keys(answer) };
  } catch (error) {
    return { code: error.name, message: error.message };
  }
}

const { accessKeyId, secretAccessKey, sessionToken } = await client.config.credentials();
console.log(
  JSON.stringify({
    region: await client.config.region(),
    accessKeyId,
    secretAccessKey,
    sessionToken,
    own: await outcome(own),
    other: await outcome(other),
  }),
);
