import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import type { CreateAgentRuntimeRequest } from '../model/generated/types.ts';
import { caller, controlFixture, failure, settingsOf } from './testing/control-fixture.ts';

const request: CreateAgentRuntimeRequest = { agentRuntimeName: 'echo', ...settingsOf('echo:v1') };
const [one, two] = ['/mnt/data', '/mnt/more'].map((mountPath) => ({ sessionStorage: { mountPath } }));
const arn = 'arn:aws:elasticfilesystem:us-east-1:111122223333:access-point/fsap-0123456789abcdef0';

test('session storage is kept with the version and answered as it was given', async () => {
  await using fixture = await controlFixture();
  const filesystemConfigurations = [{ sessionStorage: { mountPath: '/mnt/data/' } }];
  const { agentRuntimeId } = await fixture.operations.CreateAgentRuntime(
    { ...request, filesystemConfigurations },
    caller,
  );
  const shown = await fixture.operations.GetAgentRuntime({ agentRuntimeId }, caller);
  assert.deepEqual(shown.filesystemConfigurations, filesystemConfigurations);
});

test('file systems of AWS, a second storage, and paths that lead elsewhere are refused by name', async () => {
  verifies('session-storage:refused');
  await using fixture = await controlFixture();
  const cases: [CreateAgentRuntimeRequest['filesystemConfigurations'], RegExp][] = [
    [
      [{ efsAccessPoint: { accessPointArn: arn, mountPath: '/mnt/efs' } }],
      /efsAccessPoint mounts files of Amazon EFS/,
    ],
    [
      [{ s3FilesAccessPoint: { accessPointArn: 'arn:…', mountPath: '/mnt/s3' } }],
      /s3FilesAccessPoint mounts files/,
    ],
    [[{ sessionStorage: { mountPath: '/mnt/..' } }], /expected a folder directly below \/mnt/],
    [[{ sessionStorage: { mountPath: '/mnt/./' } }], /expected a folder directly below \/mnt/],
    [[one, two].flatMap((item) => item ?? []), /A session has one storage/],
  ];
  for (const [filesystemConfigurations, message] of cases) {
    await assert.rejects(
      fixture.operations.CreateAgentRuntime({ ...request, filesystemConfigurations }, caller),
      failure('validation', message),
    );
  }
});
