// An agent with no packages: the AgentCore container contract is two routes on port 8080.
//   POST /invocations  whatever the caller sent; answers JSON or, when asked to stream, server-sent events
//   GET  /ping         {"status": "Healthy" | "HealthyBusy", "time_of_last_update": seconds}
import { randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

// Module state lives as long as the session's sandbox: this is the agent's memory.
const bootId = randomUUID();
const heard = [];
let busyUntil = 0;
let statusChangedAt = Date.now();

const server = createServer(async (request, response) => {
  try {
    if (request.url === '/ping') answerJson(response, 200, ping());
    else if (request.url === '/invocations' && request.method === 'POST') await invoke(request, response);
    else answerJson(response, 404, { error: 'not found' });
  } catch (error) {
    if (!response.headersSent) answerJson(response, 400, { error: String(error) });
    else response.destroy();
  }
});
server.listen(8080, '0.0.0.0');

async function invoke(request, response) {
  const input = JSON.parse((await readBody(request)) || '{}');
  const sessionId = request.headers['x-amzn-bedrock-agentcore-runtime-session-id'];

  if (input.stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let event = 1; event <= input.stream; event += 1) {
      response.write(`data: ${JSON.stringify({ event, of: input.stream })}\n\n`);
      await sleep(input.everyMs ?? 300);
    }
    response.end();
    return;
  }
  if (input.busySeconds) {
    // Work that goes on after the answer: /ping says so, and the session stays alive.
    busyUntil = Date.now() + input.busySeconds * 1000;
    statusChangedAt = Date.now();
  }
  if (input.writeFile) await writeFile(input.writeFile.path, input.writeFile.text);
  const file = input.readFile && (await readFile(input.readFile, 'utf8').catch((error) => error.code));

  if (input.prompt) heard.push(input.prompt);
  answerJson(response, 200, {
    answer: input.prompt ? `Hello from Berth! You said: ${input.prompt}` : 'Hello from Berth!',
    heard,
    file,
    bootId,
    sessionId,
    greeting: process.env.GREETING,
  });
}

function ping() {
  const isBusy = Date.now() < busyUntil;
  if (!isBusy && busyUntil > statusChangedAt) statusChangedAt = busyUntil;
  return {
    status: isBusy ? 'HealthyBusy' : 'Healthy',
    time_of_last_update: Math.floor(statusChangedAt / 1000),
  };
}

async function readBody(request) {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function answerJson(response, status, body) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
