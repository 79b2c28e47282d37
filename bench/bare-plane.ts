/**
 * The data plane alone, for everybody: what is left of the relay's cost without authentication, logs and database.
 *
 *   node bench/bare-plane.ts HOST
 *
 * Relays to HOST, port 8080; prints its own port; ends when its standard input does.
 */
import { once } from 'node:events';
import { DataPlaneFixture } from '../src/api/data/testing/data-plane-fixture.ts';
import type { RunningSandbox, SandboxSpec } from '../src/sandboxes/sandbox-driver.ts';
import { systemClock } from '../src/shared/clock.ts';
import { FakeSandboxDriver } from '../test/fakes/fake-sandbox-driver.ts';

const [host = ''] = process.argv.slice(2);

/** Every sandbox is the one that runs at HOST. */
class OneSandbox extends FakeSandboxDriver {
  override async start(spec: SandboxSpec, signal?: AbortSignal): Promise<RunningSandbox> {
    return { ...(await super.start(spec, signal)), address: { host } };
  }
}

const driver = new OneSandbox({ clock: systemClock });
await using fixture = await DataPlaneFixture.open(() => {}, { sessions: { driver } });
console.log(fixture.port);
await once(process.stdin.resume(), 'end');
