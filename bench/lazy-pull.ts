import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hostPlatform } from '../src/images/platform.ts';
import { openOtherRegistry } from '../src/images/testing/other-registry.ts';
import { makeSampleImage, type SampleImage, writeLayout } from '../src/images/testing/sample-image.ts';
import { pushImage } from '../scripts/quickstart/push-image.ts';
import { BerthFixture } from '../test/fixture/berth-fixture.ts';
import { makeEstargzLayer } from '../test/fixture/estargz.ts';
import { buildGo } from '../test/fixture/go-program.ts';
import { median, printTable } from './figures.ts';

const rounds = 3;
const mebibyte = 2 ** 20;
/** Unpacked; as a layer it has about half of that. */
const filesOfEachLayer = 5;
const dataLayers = 2;
const fileMebibytes = 50;
const workingSetBytes = mebibyte;

type Way = 'whole' | 'lazy';
type Source = 'another registry' | "Berth's own registry";

/** From CreateAgentRuntime to the first answer, for an image of 500 MB of which 1 MB is read: fetched whole, and lazily, in turn. */
export async function lazyPull(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'berth-lazy-bench-'));
  try {
    const image = await makeImage();
    const layout = join(folder, 'layout');
    await writeLayout(layout, image.manifest, image.blobs);
    const compressed = image.layers.reduce((sum, { bytes }) => sum + bytes.byteLength, 0);
    console.log(`The image: ${Math.round(compressed / 1e6)} MB as layers.\n`);
    const rows: string[][] = [];
    for (const source of ['another registry', "Berth's own registry"] satisfies Source[]) {
      const samples: Record<Way, number[]> = { whole: [], lazy: [] };
      for (let round = 0; round < rounds; round += 1) {
        for (const way of ['whole', 'lazy'] satisfies Way[])
          samples[way].push(await firstAnswerMs(image, layout, source, way));
      }
      const [whole, lazy] = [median(samples.whole), median(samples.lazy)];
      const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`;
      const ratios = samples.lazy.map((ms, round) => ms / (samples.whole[round] ?? Number.NaN));
      rows.push([source, String(rounds), seconds(whole), seconds(lazy), median(ratios).toFixed(2)]);
    }
    printTable(['layers are in', 'n', 'whole', 'lazy', 'lazy of whole'], rows);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Each with a server and a disk of its own: nothing is there from the time before. */
async function firstAnswerMs(image: SampleImage, layout: string, source: Source, way: Way): Promise<number> {
  await using registry = await openOtherRegistry();
  registry.addImage('v1', image);
  const berth = await BerthFixture.start({
    BERTH_LAZY_IMAGES: way === 'lazy' ? 'on' : 'off',
    BERTH_LOG_LEVEL: 'warn',
  });
  try {
    const uri =
      source === 'another registry'
        ? `${registry.host}/app:v1`
        : await pushImage(berth.server, layout, 'large:v1');
    const startedAt = performance.now();
    const runtime = await berth.agents.create(berth.settings('large', uri));
    const answer: object = await berth.agents.invoke(runtime, randomUUID(), { read: '/data/small' });
    const tookMs = performance.now() - startedAt;
    if (!('sha256' in answer) || answer.sha256 === '')
      throw new Error(`The agent answered ${JSON.stringify(answer)}`);
    return tookMs;
  } finally {
    await berth.destroy();
  }
}

async function makeImage(): Promise<SampleImage> {
  const program = await readFile(await buildGo('test/agents/small-go'));
  const small = { path: 'data/small', content: randomBytes(workingSetBytes) };
  const layers = [
    await makeEstargzLayer([{ path: 'agent', content: program, mode: 0o755 }, { path: 'data/' }, small]),
  ];
  for (let layer = 0; layer < dataLayers; layer += 1) {
    const files = Array.from({ length: filesOfEachLayer }, (_, at) => ({
      path: `data/${layer}-${at}`,
      // As hexadecimal digits it shrinks to about half, as programs do.
      content: randomBytes((fileMebibytes * mebibyte) / 2).toString('hex'),
    }));
    layers.push(await makeEstargzLayer([{ path: 'data/' }, ...files]));
  }
  return makeSampleImage({ platform: hostPlatform(), layers, process: { Entrypoint: ['/agent'] } });
}
