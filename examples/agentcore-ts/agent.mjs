// An agent made with the AgentCore SDK: the SDK serves /invocations and /ping, the handler is all that is written here.
//   {"prompt": "..."}                  answers JSON
//   {"prompt": "...", "stream": true}  answers word by word as server-sent events
// At /ws it echoes what it hears.
import { setTimeout as sleep } from 'node:timers/promises';
import { BedrockAgentCoreApp } from 'bedrock-agentcore/runtime';

const heard = [];

const app = new BedrockAgentCoreApp({
  invocationHandler: {
    process: (input, context) => {
      const prompt = String(input?.prompt ?? '');
      heard.push(prompt);
      if (input?.stream) return words(`You said: ${prompt}`);
      return { answer: `You said: ${prompt}`, heard, sessionId: context.sessionId };
    },
  },
  websocketHandler: (socket) => {
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary }));
  },
});

app.run();

async function* words(text) {
  for (const word of text.split(' ')) {
    yield { data: { word } };
    await sleep(20);
  }
}
