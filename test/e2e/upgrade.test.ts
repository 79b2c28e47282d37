import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { text } from 'node:stream/consumers';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import type { DeployedRuntime } from '../../scripts/quickstart/agents.ts';
import { berthCommand, BerthFixture } from '../fixture/berth-fixture.ts';
import { containerdOf } from '../fixture/containerd-of.ts';
import { KeptSandboxes, keepingSettings } from '../fixture/kept-sandboxes.ts';
import { leftoversOf } from '../fixture/leftovers.ts';
import { RequestSigner } from '../fixture/request-signer.ts';
import { verifies } from '../requirements.ts';

const sessionHeader = 'X-Amzn-Bedrock-AgentCore-Runtime-Session-Id';

describe('an upgrade in place', { timeout: 300_000 }, () => {
  let berth: BerthFixture;
  let hello: DeployedRuntime;
  let echo: DeployedRuntime;

  before(async () => {
    berth = await BerthFixture.start(keepingSettings);
    hello = await berth.deploy('hello-node', 'hello');
    echo = await berth.deploy('agentcore-ts', 'echo');
  });

  after(() => berth.destroy());

  async function failureOf(...command: readonly string[]): Promise<string> {
    const failure: unknown = await berth.cli(...command).catch((error: unknown) => error);
    assert.ok(failure instanceof Error && 'stderr' in failure, 'the command fails');
    return String(failure.stderr);
  }

  /** A new server that has taken over everything, and then finds its port taken. */
  async function failLate(): Promise<string> {
    const occupant = createServer();
    await once(occupant.listen(0, '127.0.0.1'), 'listening');
    const { port } = occupant.address() as AddressInfo;
    try {
      return await failureOf('upgrade', '--listen', `127.0.0.1:${port}`);
    } finally {
      occupant.close();
    }
  }

  it('that fails late takes nothing away from a server without sandboxes', async () => {
    verifies('restart:failed-late');
    const { home } = berth.server;
    const containerd = await containerdOf(home);
    const credentials = await readFile(join(home, 'credentials'), 'utf8');
    assert.match(await failLate(), /EADDRINUSE/);
    assert.equal(await containerdOf(home), containerd);
    assert.equal(await readFile(join(home, 'credentials'), 'utf8'), credentials);
    const session = randomUUID();
    const { bootId } = await berth.agents.invoke(hello, session, {});
    assert.equal((await berth.agents.invoke(hello, session, {})).bootId, bootId);
    await berth.agents.stop(hello, session);
  });

  it('hands on pooled, frozen and hibernated sandboxes and session storage, and leaves them alone when it fails late', async () => {
    verifies('restart:upgrade', 'restart:failed-late');
    const kept = await KeptSandboxes.deploy(berth);
    await kept.untilAtRest();
    const { pid } = berth.process;
    const isOver = new AbortController();
    const session = randomUUID();
    const { bootId } = await berth.agents.invoke(hello, session, {});
    const calling = (async () => {
      while (!isOver.signal.aborted)
        assert.equal((await berth.agents.invoke(hello, session, {})).bootId, bootId);
    })();
    calling.catch(() => isOver.abort());
    const stream = berth.agents.stream(hello, randomUUID(), { stream: 40, everyMs: 200 }, () => {});

    assert.match(await failLate(), /EADDRINUSE/);
    assert.ok(isAlive(pid));
    await kept.assertThere();
    assert.equal((await stream).length, 40);

    await kept.untilAtRest();
    await berth.upgrade();
    assert.notEqual(berth.process.pid, pid);
    await kept.assertThere();
    isOver.abort();
    await calling;
    await kept.remove();
  });

  it('fails no call: sessions go on, begin and end while the server is replaced again and again', async () => {
    verifies('restart:upgrade', 'restart:late-calls');
    const isOver = new AbortController();
    const sessions = Array.from({ length: 6 }, () => randomUUID());
    const bootIds = new Map<string, string>();
    for (const id of sessions) bootIds.set(id, (await berth.agents.invoke(hello, id, {})).bootId);
    let calls = 0;
    const goOn = async (id: string) => {
      while (!isOver.signal.aborted) {
        assert.equal((await berth.agents.invoke(hello, id, {})).bootId, bootIds.get(id));
        calls += 1;
        await sleep(Math.random() * 30);
      }
    };
    const comeAndGo = async () => {
      while (!isOver.signal.aborted) {
        const id = randomUUID();
        const { bootId } = await berth.agents.invoke(hello, id, {});
        assert.equal((await berth.agents.invoke(hello, id, {})).bootId, bootId);
        await berth.agents.stop(hello, id);
        calls += 1;
      }
    };
    const work = Promise.all([...sessions.map(goOn), comeAndGo(), comeAndGo()]);
    // Whatever the outcome, it is awaited below.
    work.catch(() => isOver.abort());

    for (let round = 0; round < 3; round += 1) {
      const before = berth.process.pid;
      await berth.upgrade();
      assert.notEqual(berth.process.pid, before);
      for (const enough = calls + 20; calls < enough && !isOver.signal.aborted;) await sleep(20);
    }
    isOver.abort();
    await work;
  });

  it('lets streams, WebSockets and commands run to their end in the old server, which then ends', async () => {
    verifies('restart:running-calls', 'restart:no-idle-while-relayed');
    const old = berth.process.pid;
    const socketSession = randomUUID();
    const path = `/runtimes/${encodeURIComponent(echo.arn)}/ws`;
    const signer = new RequestSigner({ ...berth.server, url: berth.server.url });
    const headers = await signer.sign({ method: 'GET', path, headers: { [sessionHeader]: socketSession } });
    const socket = new WebSocket(`${berth.server.url.replace('http:', 'ws:')}${path}`, { headers });
    await once(socket, 'open');
    const events: string[] = [];
    const began = Promise.withResolvers<void>();
    const stream = berth.agents.stream(hello, randomUUID(), { stream: 40, everyMs: 200 }, (event) => {
      events.push(event);
      began.resolve();
    });
    const env = { ...process.env, BERTH_HOME: berth.server.home };
    const script = 'echo begun; sleep 6; echo ended';
    const command = spawn(berthCommand, ['exec', hello.id, '-s', randomUUID(), '--', script], { env });
    const output = text(command.stdout);
    await began.promise;
    await once(command.stdout, 'readable');

    await berth.upgrade();
    socket.send('still there?');
    const [message] = (await once(socket, 'message')) as [Buffer];
    assert.equal(message.toString(), 'still there?');
    await stream;
    assert.equal(events.length, 40);
    assert.equal(await output, 'begun\nended\n');

    assert.ok(isAlive(old), 'the old server has a call left');
    const closed = once(socket, 'close');
    await berth.agents.stop(echo, socketSession);
    await closed;
    while (isAlive(old)) await sleep(50);
  });

  it('that fails changes nothing, and says why', async () => {
    verifies('restart:failed-upgrade');
    const { pid } = berth.process;
    const session = randomUUID();
    const { bootId } = await berth.agents.invoke(hello, session, {});

    assert.match(
      await failureOf('upgrade', '--isolation', 'bubble-wrap'),
      /BERTH_ISOLATION: .*no isolation 'bubble-wrap'/,
    );
    const database = new DatabaseSync(join(berth.server.home, 'berth.db'));
    const future = "'9999-from-the-future'";
    database.exec(`insert into kysely_migration values (${future}, '2030-01-01T00:00:00.000Z')`);
    assert.match(await failureOf('upgrade'), /of a newer Berth \(it has 9999-from-the-future\)/);
    database.exec(`delete from kysely_migration where name = ${future}`);
    database.close();

    assert.ok(isAlive(pid));
    assert.equal((await berth.agents.invoke(hello, session, {})).bootId, bootId);
    await berth.agents.stop(hello, session);
    assert.notEqual((await berth.agents.invoke(hello, session, {})).bootId, bootId);
  });

  it('with a change of the database lets calls wait until the old server has ended', async () => {
    verifies('restart:migration');
    const session = randomUUID();
    const { bootId } = await berth.agents.invoke(hello, session, {});
    const running = berth.agents.stream(hello, session, { stream: 10, everyMs: 200 }, () => {});
    // As a database looks that an older version has left.
    const database = new DatabaseSync(join(berth.server.home, 'berth.db'));
    database.exec(
      // The newest one: they are executed in their order.
      `drop trigger audit_log_is_cut_at_its_beginning; drop index audit_log_by_trail;
       alter table audit_log drop column trail; alter table audit_log drop column previous_hash;
       delete from kysely_migration where name = '0036-audit-trails'`,
    );
    database.close();
    const upgrade = berth.upgrade();
    let answers = 0;
    const isUpgraded = upgrade.then(() => true);
    while (!(await Promise.race([isUpgraded, sleep(20, false)]))) {
      // Connections of their own: those that the old server has are closed as it ends.
      const { status } = await fetch(`${berth.server.url}/healthz`, { headers: { connection: 'close' } });
      assert.equal(status, 200);
      answers += 1;
    }
    assert.equal((await running).length, 10);
    assert.ok(answers > 1);
    assert.equal((await berth.agents.invoke(hello, session, {})).bootId, bootId);
  });

  it('leaves nothing behind, and no socket to a containerd that is started afterwards', async () => {
    verifies('restart:no-inherited-sockets');
    const first = await containerdOf(berth.server.home);
    process.kill(first, 'SIGKILL');
    const daemon = await containerdOf(berth.server.home, first);
    const listening = await socketsOf(berth.process.pid);
    const inherited = (await socketsOf(daemon)).filter((socket) => listening.includes(socket));
    assert.deepEqual(inherited, []);
    await berth.cli('down', '--sessions');
    assert.deepEqual(await leftoversOf(berth.server.home), []);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function socketsOf(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`;
  const links = (await readdir(folder)).map((fd) => readlink(join(folder, fd)).catch(() => ''));
  return (await Promise.all(links)).filter((link) => link.startsWith('socket:'));
}
