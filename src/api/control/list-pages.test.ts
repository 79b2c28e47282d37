import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { caller, controlFixture, readyRuntime, settingsOf } from './testing/control-fixture.ts';

interface Page {
  readonly names: readonly string[];
  readonly nextToken: string | undefined;
}

/** Reads every page, and does `between` after each. */
async function readAll(
  read: (nextToken: string | undefined) => Promise<Page>,
  between: (pages: number) => Promise<unknown> = async () => {},
): Promise<string[]> {
  const names: string[] = [];
  let nextToken: string | undefined;
  for (let pages = 1; ; pages += 1) {
    const page = await read(nextToken);
    names.push(...page.names);
    nextToken = page.nextToken;
    if (nextToken === undefined) return names;
    await between(pages);
  }
}

test('runtimes made between two pages make the list miss and repeat nothing', async () => {
  verifies('control:stable-pages', 'control:every-operation');
  await using fixture = await controlFixture();
  const { operations, clock } = fixture;
  const create = async (agentRuntimeName: string) => {
    await operations.CreateAgentRuntime({ agentRuntimeName, ...settingsOf('echo:v1') }, caller);
    await clock.advance(1);
  };
  for (const name of ['m', 'c', 'x', 'a', 'q']) await create(name);
  const names = await readAll(
    async (nextToken) => {
      const page = await operations.ListAgentRuntimes({ maxResults: 2, nextToken }, caller);
      assert.ok(page.agentRuntimes.length <= 2);
      return {
        names: page.agentRuntimes.map((runtime) => runtime.agentRuntimeName),
        nextToken: page.nextToken,
      };
    },
    (pages) => (pages === 1 ? create('b') : Promise.resolve()),
  );
  assert.deepEqual(names, ['m', 'c', 'x', 'a', 'q', 'b']);
});

test('runtimes made in the same millisecond are all listed, once', async () => {
  verifies('control:stable-pages');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const expected = Array.from({ length: 7 }, (_, index) => `r${index}`);
  for (const agentRuntimeName of expected) {
    await operations.CreateAgentRuntime({ agentRuntimeName, ...settingsOf('echo:v1') }, caller);
  }
  const names = await readAll(async (nextToken) => {
    const page = await operations.ListAgentRuntimes({ maxResults: 3, nextToken }, caller);
    return {
      names: page.agentRuntimes.map((runtime) => runtime.agentRuntimeName),
      nextToken: page.nextToken,
    };
  });
  assert.deepEqual(names.sort(), expected);
});

test('versions and endpoints are listed in pages too', async () => {
  verifies('control:stable-pages', 'control:every-operation');
  await using fixture = await controlFixture();
  const { operations } = fixture;
  const agentRuntimeId = await readyRuntime(fixture);
  for (const image of ['echo:v2', 'echo:v3']) {
    await operations.UpdateAgentRuntime({ agentRuntimeId, ...settingsOf(image) }, caller);
    await fixture.settle();
  }
  for (const name of ['prod', 'beta']) {
    await operations.CreateAgentRuntimeEndpoint({ agentRuntimeId, name }, caller);
  }
  const versions = await readAll(async (nextToken) => {
    const page = await operations.ListAgentRuntimeVersions(
      { agentRuntimeId, maxResults: 2, nextToken },
      caller,
    );
    return {
      names: page.agentRuntimes.map((version) => `${version.agentRuntimeVersion} ${version.status}`),
      nextToken: page.nextToken,
    };
  });
  const endpoints = await readAll(async (nextToken) => {
    const page = await operations.ListAgentRuntimeEndpoints(
      { agentRuntimeId, maxResults: 2, nextToken },
      caller,
    );
    return { names: page.runtimeEndpoints.map((endpoint) => endpoint.name), nextToken: page.nextToken };
  });
  assert.deepEqual(versions, ['1 READY', '2 READY', '3 READY']);
  assert.deepEqual(endpoints, ['DEFAULT', 'beta', 'prod']);
});
