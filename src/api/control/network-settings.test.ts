import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { NetworkConfiguration } from '../model/generated/types.ts';
import { caller, controlFixture, failure, settingsOf } from './testing/control-fixture.ts';

const known = { securityGroups: ['sg-12345678'], subnets: ['subnet-12345678'] };

async function networkFixture() {
  const fixture = await controlFixture({
    networkProblem: ({ subnets }) =>
      subnets.every((id) => known.subnets.includes(id)) ? undefined : `There is no ${subnets.join()}.`,
  });
  const create = (networkConfiguration: NetworkConfiguration, tags: Record<string, string> = {}) =>
    fixture.operations.CreateAgentRuntime(
      { agentRuntimeName: 'echo', ...settingsOf('echo:v1'), networkConfiguration, tags },
      caller,
    );
  return { ...fixture, create };
}

test('a runtime keeps the network that it names, version by version', async () => {
  verifies('network:vpc-ids');
  await using fixture = await networkFixture();
  const vpc = { networkMode: 'VPC', networkModeConfig: known } as const;
  const { agentRuntimeId } = await fixture.create(vpc);
  const shown = async (agentRuntimeVersion?: string) =>
    (await fixture.operations.GetAgentRuntime({ agentRuntimeId, agentRuntimeVersion }, caller))
      .networkConfiguration;

  assert.deepEqual(await shown(), vpc);
  await fixture.settle();
  await fixture.operations.UpdateAgentRuntime(
    { agentRuntimeId, ...settingsOf('echo:v2'), networkConfiguration: { networkMode: 'PUBLIC' } },
    caller,
  );
  assert.deepEqual(await shown(), { networkMode: 'PUBLIC' });
  assert.deepEqual(await shown('1'), vpc);
});

test('a network that is unknown or cannot be had is refused', async () => {
  verifies('network:vpc-ids');
  await using fixture = await networkFixture();
  const cases: readonly (readonly [NetworkConfiguration, RegExp])[] = [
    [{ networkMode: 'VPC' }, /needs networkModeConfig/],
    [
      { networkMode: 'VPC', networkModeConfig: { ...known, subnets: ['subnet-99999999'] } },
      /no subnet-99999999/,
    ],
    [
      { networkMode: 'VPC', networkModeConfig: { ...known, requireServiceS3Endpoint: true } },
      /no S3 endpoint/,
    ],
    [{ networkMode: 'PUBLIC', networkModeConfig: known }, /belongs to the network mode VPC/],
  ];
  for (const [configuration, message] of cases)
    await assert.rejects(fixture.create(configuration), failure('validation', message));
});

test('options of egress that make no sense together, or beside a network, are refused', async () => {
  verifies('network:options');
  await using fixture = await networkFixture();
  const { operations } = fixture;
  await assert.rejects(
    fixture.create({ networkMode: 'PUBLIC' }, { 'berth:egress': 'on', 'berth:egress-2': 'a.example' }),
    failure('validation', /continues the list/),
  );
  await assert.rejects(
    fixture.create({ networkMode: 'VPC', networkModeConfig: known }, { 'berth:egress': 'on' }),
    failure('validation', /network mode VPC.*only be 'off'/),
  );
  const { agentRuntimeArn: resourceArn } = await fixture.create(
    { networkMode: 'PUBLIC' },
    { 'berth:egress': 'a.example .b.example:443 203.0.113.0/24', 'berth:egress-2': 'c.example' },
  );
  await assert.rejects(
    operations.TagResource({ resourceArn, tags: { 'berth:egress': 'off' } }, caller),
    failure('validation', /Remove berth:egress-2/),
  );
  await assert.rejects(
    operations.UntagResource({ resourceArn, tagKeys: ['berth:egress'] }, caller),
    failure('validation', /Remove berth:egress-2/),
  );
  await operations.UntagResource({ resourceArn, tagKeys: ['berth:egress-2'] }, caller);
  await operations.TagResource({ resourceArn, tags: { 'berth:egress': 'off' } }, caller);
});
