import type { BerthFixture } from '../fixture/berth-fixture.ts';
import { containerdOf } from '../fixture/containerd-of.ts';

/** What is done to the server in a round, and whether calls may fail of it. */
export const disruptions = {
  nothing: { isHarmless: true },
  upgrade: { isHarmless: true },
  'two upgrades': { isHarmless: true },
  'kill -9 of the server': { isHarmless: false },
  'restart of the server': { isHarmless: false },
  'kill -9 of containerd': { isHarmless: false },
  'kill -9 of both': { isHarmless: false },
} as const;

export type Disruption = keyof typeof disruptions;

export const disruptionNames = Object.keys(disruptions) as readonly Disruption[];

/** Resolves when it is done and a server runs again. `onEngineKill` is called at the moment in which containerd is killed. */
export async function disrupt(
  berth: BerthFixture,
  disruption: Disruption,
  onEngineKill: () => void,
): Promise<void> {
  const killContainerd = async () => {
    process.kill(await containerdOf(berth.server.home), 'SIGKILL');
    onEngineKill();
  };
  switch (disruption) {
    case 'nothing':
      return;
    case 'two upgrades':
      await berth.upgrade();
      return berth.upgrade();
    case 'upgrade':
      return berth.upgrade();
    case 'kill -9 of the server':
      await berth.process.kill();
      return void (await berth.process.start());
    case 'restart of the server':
      await berth.process.stop();
      return void (await berth.process.start());
    case 'kill -9 of containerd':
      return killContainerd();
    case 'kill -9 of both':
      await Promise.all([killContainerd(), berth.process.kill()]);
      return void (await berth.process.start());
  }
}
