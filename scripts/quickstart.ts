/**
 * Berth's story, told by doing it: a server of its own, the AWS SDK for JavaScript as it comes, real sandboxes.
 *
 *   npm run quickstart            everything is cleaned up at the end
 *   npm run quickstart -- --keep  the server stays up
 */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { BedrockAgentCoreClient } from '@aws-sdk/client-bedrock-agentcore';
import { BedrockAgentCoreControlClient } from '@aws-sdk/client-bedrock-agentcore-control';
import { Agents } from './quickstart/agents.ts';
import { BerthProcess } from './quickstart/berth-process.ts';
import { pushImage } from './quickstart/push-image.ts';

const image = resolve(import.meta.dirname, '../.cache/images/hello-node');
const keep = process.argv.includes('--keep');
const roleArn = 'arn:aws:iam::000000000000:role/agent';
const startedAt = performance.now();

function tell(text: string): void {
  console.log(`\n\u2500\u2500 ${text}`);
}

function show(text: string): void {
  console.log(`   ${text}`);
}

function expect(isTrue: boolean, claim: string): void {
  if (!isTrue) throw new Error(`The story went wrong: expected that ${claim}.`);
  show(`\u2713 ${claim}`);
}

const berth = new BerthProcess();
try {
  tell('Starting a Berth server of our own');
  const server = await berth.start();
  show(`listens on ${server.url}; state in ${server.home}`);
  const connection = {
    endpoint: server.url,
    region: server.region,
    credentials: { accessKeyId: server.accessKeyId, secretAccessKey: server.secretAccessKey },
  };
  const agents = new Agents(
    new BedrockAgentCoreControlClient(connection),
    new BedrockAgentCoreClient({ ...connection, maxAttempts: 1 }),
  );

  tell('Pushing the image examples/hello-node with skopeo, as docker push would');
  const containerUri = await pushImage(server, `${image}:latest`, 'hello-node:v1');
  show(containerUri);

  tell('CreateAgentRuntime, and waiting for READY');
  const runtime = await agents.create({
    agentRuntimeName: `hello_${Date.now()}`,
    agentRuntimeArtifact: { containerConfiguration: { containerUri } },
    roleArn,
    networkConfiguration: { networkMode: 'PUBLIC' },
    environmentVariables: { GREETING: 'version one' },
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 4, maxLifetime: 600 },
  });
  show(runtime.arn);

  tell('InvokeAgentRuntime: JSON');
  const first = randomUUID();
  const hello = await agents.invoke(runtime, first, { prompt: 'hi' });
  show(`${hello.answer} (the agent's boot id is ${hello.bootId})`);
  expect(hello.sessionId === first, 'the agent knows its session id');

  tell('InvokeAgentRuntime: server-sent events, as they arrive');
  const arrivals = await agents.stream(runtime, first, { stream: 4, everyMs: 300 }, (event, atMs) =>
    show(`${atMs.toFixed(0).padStart(5)} ms  ${event}`),
  );
  expect(
    arrivals.length === 4 && (arrivals.at(-1) ?? 0) - (arrivals[0] ?? 0) > 600,
    'events arrive one by one while the agent is still working',
  );

  tell('A busy agent outlives its idle limit of 4 seconds: 8 seconds of background work');
  await agents.invoke(runtime, first, { busySeconds: 8 });
  await sleep(6_000);
  const busy = await agents.invoke(runtime, first, {});
  expect(busy.bootId === hello.bootId, 'HealthyBusy kept the session alive');

  tell('Two sessions, two sandboxes');
  const second = randomUUID();
  await agents.invoke(runtime, first, { writeFile: { path: '/tmp/note', text: 'mine' } });
  const mine = await agents.invoke(runtime, first, { readFile: '/tmp/note', prompt: 'and again' });
  const other = await agents.invoke(runtime, second, { readFile: '/tmp/note' });
  expect(
    mine.bootId === hello.bootId && mine.heard.length === 2,
    'a session keeps its process and its memory',
  );
  expect(mine.file === 'mine' && other.file === 'ENOENT', "a file of one session is not in the other's");
  expect(other.bootId !== hello.bootId, 'the second session has a sandbox of its own');

  tell('StopRuntimeSession');
  await agents.stop(runtime, first);
  const fresh = await agents.invoke(runtime, first, {});
  expect(
    fresh.bootId !== hello.bootId && fresh.heard.length === 0,
    'the same id starts clean in a new sandbox',
  );

  tell('UpdateAgentRuntime: version 2 takes new sessions, version 1 finishes its own');
  const old = randomUUID();
  await agents.invoke(runtime, old, { busySeconds: 300 });
  await agents.update(runtime, {
    agentRuntimeArtifact: { containerConfiguration: { containerUri } },
    roleArn,
    networkConfiguration: { networkMode: 'PUBLIC' },
    environmentVariables: { GREETING: 'version two' },
    lifecycleConfiguration: { idleRuntimeSessionTimeout: 60, maxLifetime: 600 },
  });
  const onOld = await agents.invoke(runtime, old, {});
  const onNew = await agents.invoke(runtime, randomUUID(), {});
  expect(onOld.greeting === 'version one', 'the live session stays on version 1');
  expect(onNew.greeting === 'version two', 'a new session starts on version 2');

  tell('kill -9 of the server, and a restart');
  await berth.kill();
  await berth.start();
  const survivor = await agents.invoke(runtime, old, {});
  expect(survivor.bootId === onOld.bootId, 'the session answers from the same sandbox as before');

  if (keep) {
    tell('Keeping the server');
    const asRoot = process.getuid?.() === 0 ? '' : 'sudo ';
    show('Aim your own client at it, and end it:');
    show(`  eval "$(${asRoot}BERTH_HOME=${server.home} ./bin/berth env)"`);
    show(`  ${asRoot}./bin/berth down --sessions --home ${server.home}`);
  } else {
    tell('Cleaning up');
    await agents.remove(runtime);
    expect(await agents.isGone(runtime), 'the runtime is gone, and its sandboxes with it');
    await berth.destroy();
  }
  console.log(`\nDone in ${((performance.now() - startedAt) / 1000).toFixed(0)} s.`);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  console.error(await berth.lastLogLines().catch(() => ''));
  await berth.destroy().catch((failure: unknown) => console.error(String(failure)));
  process.exitCode = 1;
}
