import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newSandboxId, systemRandom, type VolumeId } from '../../shared/ids.ts';
import { runcWarnings } from './inspect-engine.ts';
import { fromContainer, type SandboxRecord, toLabels } from './sandbox-record.ts';

const record: SandboxRecord = {
  sandbox: {
    id: newSandboxId(systemRandom),
    owner: {
      kind: 'runtime',
      accountId: '123456789012',
      region: 'us-east-1',
      runtimeId: 'a-0123456789',
      version: 3,
    },
    image: `sha256:${'a'.repeat(64)}`,
    isolation: 'runc',
    address: { host: '10.0.0.2' },
    logFile: '/logs/a b.log',
    startedAtMs: 1_700_000_000_000,
  },
  slot: 'slot-1',
  disk: 'disk-1',
  volume: 'vol-1' as VolumeId,
};

describe('The labels of a container', () => {
  it('hold all that is known of a sandbox', () => {
    const labels = toLabels('abc123', record);

    assert.equal(labels['berth.server'], 'abc123');
    assert.deepEqual(fromContainer({ id: record.sandbox.id, labels }), record);
  });

  it('are no sandbox when one is missing or broken', () => {
    const labels = toLabels('abc123', record);

    assert.equal(fromContainer({ id: 'x', labels: {} }), undefined);
    assert.equal(fromContainer({ id: 'x', labels: { ...labels, 'berth.owner': '{' } }), undefined);
    assert.equal(fromContainer({ id: 'x', labels: { ...labels, 'berth.image': 'latest' } }), undefined);
  });
});

describe('The warning about runc', () => {
  for (const version of ['1.1.5', '1.2.7', '1.3.2']) {
    it(`comes for ${version}`, () => assert.equal(runcWarnings(version).length, 1));
  }
  for (const version of ['1.2.8', '1.3.3', '1.4.0', '1.5.2', '2.0.0']) {
    it(`does not come for ${version}`, () => assert.deepEqual(runcWarnings(version), []));
  }
});
