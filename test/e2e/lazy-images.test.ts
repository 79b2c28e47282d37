import assert from 'node:assert/strict';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readFile, realpath } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { hostPlatform } from '../../src/images/platform.ts';
import { openOtherRegistry, type OtherRegistry } from '../../src/images/testing/other-registry.ts';
import {
  makeSampleImage,
  type SampleImage,
  type SampleLayer,
} from '../../src/images/testing/sample-image.ts';
import { BerthFixture, repository } from '../fixture/berth-fixture.ts';
import { makeEstargzLayer } from '../fixture/estargz.ts';
import { buildGo } from '../fixture/go-program.ts';
import { verifies } from '../requirements.ts';

const small = randomBytes(100_000);
const forged = randomBytes(4 * 2 ** 20);
const large = randomBytes(40 * 2 ** 20);
const hashOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('an image that starts before it is here', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let registry: OtherRegistry;
  let image: SampleImage;
  let data: SampleLayer;

  before(async () => {
    registry = await openOtherRegistry();
    const agent = await makeEstargzLayer([
      { path: 'agent', content: await readFile(await buildGo('test/agents/small-go')), mode: 0o755 },
    ]);
    data = await makeEstargzLayer([
      { path: 'data/' },
      { path: 'data/small', content: small },
      { path: 'data/forged', content: forged },
      { path: 'data/large', content: large },
    ]);
    image = makeSampleImage({
      platform: hostPlatform(),
      layers: [agent, data],
      process: { Entrypoint: ['/agent'] },
    });
    registry.addImage('v1', image);
    registry.twist = twist;
    berth = await BerthFixture.start({ BERTH_LAZY_IMAGES: 'on' });
  });

  after(async () => {
    await berth.destroy();
    await registry[Symbol.asyncDispose]();
  });

  let runtime: DeployedRuntime;
  let isForging = false;
  /** Whoever asks for the whole of the large layer waits for it; it is asked for in the background, some time after a start. */
  let isHeld = true;
  let wholesSent = 0;

  function twist({ url, headers }: IncomingMessage, response: ServerResponse): boolean {
    if (!url?.endsWith(data.blob.digest)) return false;
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    if (last === undefined) {
      if (!isHeld) wholesSent += 1;
      return isHeld;
    }
    if (!isForging) return false;
    response.writeHead(206, { 'content-range': `bytes ${first}-${last}/${data.blob.bytes.byteLength}` });
    response.end(randomBytes(Number(last) - Number(first) + 1));
    return true;
  }

  /** What was asked for of the large layer: parts, and the whole of it. */
  const asked = () => {
    const requests = registry.requests.filter(({ path }) => path.endsWith(data.blob.digest));
    const isPart = ({ headers }: (typeof requests)[number]) => /-\d+$/.test(headers.range ?? '');
    return { parts: requests.filter(isPart).length, wholes: requests.filter((one) => !isPart(one)).length };
  };

  async function read(path: string, sessionId = randomUUID()): Promise<object> {
    return berth.agents.invoke(runtime, sessionId, { read: path });
  }

  it('needs nothing that npm run build:engine does not make', async () => {
    verifies('images:lazy', 'engine:described');
    const program = join(
      repository,
      '.cache/engine',
      `berth-engine-linux-${process.arch}`,
      'bin/berth-stargz',
    );

    const { stdout } = await berth.cli('status');

    assert.ok(stdout.includes(`lazy images ${await realpath(program)}`), stdout);
    assert.doesNotMatch(stdout, /fetched whole before they start/);
  });

  it('answers from what was fetched of it, while its layers are elsewhere', async () => {
    verifies('images:lazy');
    runtime = await berth.agents.create(berth.settings('lazy', `${registry.host}/app:v1`));

    assert.partialDeepStrictEqual(await read('/data/small'), { sha256: hashOf(small) });

    assert.equal(wholesSent, 0, 'the layer was fetched whole');
    assert.ok(asked().parts > 0 && asked().parts < 20, `${asked().parts} parts were asked for`);
  });

  it('never shows an agent bytes that its registry should not have sent', async () => {
    verifies('images:lazy');
    isForging = true;

    const answer = await read('/data/forged');

    assert.ok('error' in answer && /input\/output error/.test(String(answer.error)), JSON.stringify(answer));
    isForging = false;
  });

  it('is brought whole, although the server is killed; then it needs no registry any more', async () => {
    verifies('images:lazy-complete');
    const session = randomUUID();
    await read('/data/small', session);
    await berth.process.kill();
    isHeld = false;
    await berth.process.start();
    // What was forged is kept for as long as a sandbox may stand on it; what is unpacked is not.
    for (let attempt = 0; !(await isRead('/data/forged', forged)); attempt += 1) {
      assert.ok(attempt < 200, 'new sandboxes do not stand on the whole image');
      await sleep(1_000);
    }
    assert.equal(wholesSent, 1);
    await registry[Symbol.asyncDispose]();

    assert.partialDeepStrictEqual(await read('/data/large'), { sha256: hashOf(large) });
    assert.partialDeepStrictEqual(await read('/data/large', session), { sha256: hashOf(large) });
  });

  it('is fetched whole before it starts, where the engine has no such snapshotter', async () => {
    verifies('images:lazy-fallback');
    registry = await openOtherRegistry();
    registry.addImage('v1', image);
    const plain = await BerthFixture.start({ BERTH_LAZY_IMAGES: 'off' });
    try {
      const whole = await plain.agents.create(plain.settings('whole', `${registry.host}/app:v1`));
      assert.deepEqual(asked(), { parts: 0, wholes: 1 });
      const answer: object = await plain.agents.invoke(whole, randomUUID(), { read: '/data/large' });
      assert.partialDeepStrictEqual(answer, { sha256: hashOf(large) });
    } finally {
      await plain.destroy();
    }
  });

  async function isRead(path: string, content: Uint8Array): Promise<boolean> {
    const answer = await read(path);
    return 'sha256' in answer && answer.sha256 === hashOf(content);
  }
});
