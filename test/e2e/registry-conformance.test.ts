import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { BerthFixture } from '../fixture/berth-fixture.ts';
import { type ConformanceResult, runConformance } from '../fixture/registry-conformance.ts';
import { verifies } from '../requirements.ts';

/** The workflows of the specification, and the suite's parts that each is made of. */
const workflows = {
  pull: [
    'Blob get',
    'Blob get range',
    'Blob head',
    'Manifest get by digest',
    'Manifest get by tag',
    'Manifest head by digest',
    'Manifest head by tag',
  ],
  push: [
    'Blob push',
    'Blob post only',
    'Blob post put',
    'Blob chunked',
    'Blob streaming',
    'Blob mount',
    'Blob upload cancel',
    'Manifest put by digest',
    'Manifest put by tag',
    'Manifest put with subject',
  ],
  'content discovery': ['Tag listing', 'Referrers'],
  'content management': [
    'Tag delete',
    'Tag delete atomic',
    'Blob delete',
    'Blob delete atomic',
    'Manifest delete',
    'Manifest delete atomic',
  ],
};

describe('the conformance suite of OCI distribution, on a real server', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let result: ConformanceResult;

  before(async () => {
    berth = await BerthFixture.start();
    result = await runConformance(berth.server, {
      OCI_VERSION: '1.1',
      OCI_API_BLOBS_UPLOAD_CANCEL: 'true',
      OCI_API_BLOBS_DIGEST_HEADER: 'true',
      OCI_API_MANIFESTS_DIGEST_HEADER: 'true',
      // Optional in the specification; the content store knows sha256 only.
      OCI_DATA_SHA512: 'false',
    });
  });

  after(() => berth.destroy());

  for (const [workflow, apis] of Object.entries(workflows)) {
    it(`passes ${workflow}`, () => {
      verifies('images:conformance', 'images:mount-scope');
      const results = apis.map((api) => [api, result.apis.get(api)]);
      assert.deepEqual(
        results,
        apis.map((api) => [api, 'Pass']),
        result.output,
      );
    });
  }

  it('passes every kind of content, and fails nothing', () => {
    verifies('images:conformance');
    const wrong = [...result.data].filter(([, outcome]) => outcome !== 'Pass' && outcome !== 'Disabled');
    assert.deepEqual(wrong, []);
    assert.ok(result.data.size >= 20, `only ${result.data.size} kinds were tried`);
    assert.equal(result.exitCode, 0, result.output);
  });
});
