import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { protocolPorts } from '../../runtimes/runtime.ts';
import { BerthError } from '../../shared/errors.ts';
import type { CreateAgentRuntimeRequest } from '../model/generated/types.ts';
import { caller, controlFixture, failure, settingsOf } from './testing/control-fixture.ts';

const request: CreateAgentRuntimeRequest = { agentRuntimeName: 'echo', ...settingsOf('echo:v1') };

test('a code archive is refused with what is not built and what to do instead', async () => {
  verifies('control:code-refused');
  await using fixture = await controlFixture();
  const codeConfiguration = {
    code: { s3: { bucket: 'my-code', prefix: 'agent.zip' } },
    runtime: 'PYTHON_3_13',
    entryPoint: ['main.py'],
  } as const;
  await assert.rejects(
    fixture.operations.CreateAgentRuntime(
      { ...request, agentRuntimeArtifact: { codeConfiguration } },
      caller,
    ),
    failure('validation', /codeConfiguration .* is not built yet\. .* containerConfiguration/),
  );
  assert.deepEqual((await fixture.operations.ListAgentRuntimes({}, caller)).agentRuntimes, []);
});

test('what is not built is refused by its name', async () => {
  verifies('control:unbuilt-refused');
  await using fixture = await controlFixture();
  const cases: Partial<CreateAgentRuntimeRequest>[] = [
    { capacityProviderConfiguration: { capacityProviderArn: 'arn:aws:…' } },
    { hooksConfiguration: {} },
  ];
  for (const members of cases) {
    const [member = ''] = Object.keys(members);
    await assert.rejects(
      fixture.operations.CreateAgentRuntime({ ...request, ...members }, caller),
      (error: unknown) =>
        error instanceof BerthError &&
        error.code === 'validation' &&
        error.fields.some((field) => field.name.startsWith(member)),
      member,
    );
  }
});

test('a session may be idle for 900 s and live for 28,800 s unless the runtime says otherwise', async () => {
  verifies('control:lifecycle');
  await using fixture = await controlFixture();
  const cases = [
    [undefined, { idleRuntimeSessionTimeout: 900, maxLifetime: 28_800 }],
    [{ maxLifetime: 300 }, { idleRuntimeSessionTimeout: 300, maxLifetime: 300 }],
    [{ idleRuntimeSessionTimeout: 60 }, { idleRuntimeSessionTimeout: 60, maxLifetime: 28_800 }],
  ] as const;
  for (const [index, [lifecycleConfiguration, expected]] of cases.entries()) {
    const { agentRuntimeId } = await fixture.operations.CreateAgentRuntime(
      { ...request, agentRuntimeName: `echo${index}`, lifecycleConfiguration },
      caller,
    );
    const shown = await fixture.operations.GetAgentRuntime({ agentRuntimeId }, caller);
    assert.deepEqual(shown.lifecycleConfiguration, expected);
  }
  await assert.rejects(
    fixture.operations.CreateAgentRuntime(
      { ...request, lifecycleConfiguration: { idleRuntimeSessionTimeout: 600, maxLifetime: 300 } },
      caller,
    ),
    failure('validation', /600 s and must not exceed maxLifetime, which is 300 s/),
  );
});

test('the protocol is recorded with the version and says the port', async () => {
  verifies('control:protocol-and-port');
  await using fixture = await controlFixture();
  assert.deepEqual(protocolPorts, { HTTP: 8080, AGUI: 8080, MCP: 8000, A2A: 9000 });
  for (const serverProtocol of ['HTTP', 'MCP', 'A2A', 'AGUI'] as const) {
    const { agentRuntimeId } = await fixture.operations.CreateAgentRuntime(
      { ...request, agentRuntimeName: serverProtocol, protocolConfiguration: { serverProtocol } },
      caller,
    );
    const shown = await fixture.operations.GetAgentRuntime({ agentRuntimeId }, caller);
    assert.deepEqual(shown.protocolConfiguration, { serverProtocol });
  }
});

test('headers may be asked for, and settings without a meaning here are kept', async () => {
  verifies('control:header-allowlist');
  await using fixture = await controlFixture();
  const requestHeaderConfiguration = { requestHeaderAllowlist: ['X-Api-Key'] };
  const { agentRuntimeId } = await fixture.operations.CreateAgentRuntime(
    { ...request, requestHeaderConfiguration, platformVersion: 'v9' },
    caller,
  );
  const shown = await fixture.operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.deepEqual(shown.requestHeaderConfiguration, requestHeaderConfiguration);
  assert.deepEqual([shown.platformVersion, shown.roleArn], ['v9', request.roleArn]);
  await assert.rejects(
    fixture.operations.CreateAgentRuntime(
      {
        ...request,
        agentRuntimeName: 'two',
        requestHeaderConfiguration: { requestHeaderAllowlist: ['Cookie'] },
      },
      caller,
    ),
    failure('validation', /The header Cookie cannot be passed/),
  );
});

test('a variable that no process could have is refused', async () => {
  await using fixture = await controlFixture();
  for (const environmentVariables of [{ 'A=B': 'c' }, { A: 'b\0c' }]) {
    await assert.rejects(
      fixture.operations.CreateAgentRuntime({ ...request, environmentVariables }, caller),
      failure('validation', /cannot be given to a process/),
    );
  }
});
