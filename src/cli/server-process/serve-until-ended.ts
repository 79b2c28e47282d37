import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../shared/errors.ts';
import type { HandoverChannel } from '../../shared/handover-channel.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import type { Printer } from '../output/printer.ts';
import { launchSuccessor } from './launch-successor.ts';
import type { RunningServer } from './running-server.ts';
import { findServerProcess } from './run-file.ts';
import { serverLogPath } from './server-log.ts';
import { takeUpgradeRequest, type UpgradeRequest, writeUpgradeFailure } from './upgrade-files.ts';

const pollMs = 50;

export interface ServedServer {
  readonly server: Pick<RunningServer, 'handOver'>;
  readonly home: string;
  /** The command line that this server was started with. */
  readonly args: readonly string[];
  readonly printer: Printer;
  readonly context: CliContext;
}

export interface End {
  readonly how: 'interrupted' | 'serving' | 'end-first';
  /** To be awaited before this process ends: whoever asked for an upgrade is being told what has become of it. */
  readonly told: () => Promise<void>;
}

/**
 * Resolves when the server is to end: it was interrupted, or SIGHUP had another process take over. An upgrade that fails is
 * told to whoever asked for it, and the server goes on.
 */
export async function serveUntilEnded(served: ServedServer): Promise<End> {
  const { home, printer, context } = served;
  const { interrupted } = context;
  let hasHungUp = Promise.withResolvers<void>();
  using _ = context.onHangUp(() => hasHungUp.resolve());
  const interruptedEnd: End = { how: 'interrupted', told: async () => {} };
  const interruption = interrupted.aborted ? Promise.resolve() : once(interrupted, 'abort');
  for (;;) {
    await Promise.race([interruption, hasHungUp.promise]);
    if (interrupted.aborted) return interruptedEnd;
    hasHungUp = Promise.withResolvers();
    const request = await takeUpgradeRequest(home).catch(() => undefined);
    // The terminal was closed.
    if (request === undefined && context.stderr.isTTY) return interruptedEnd;
    const fail = async (what: string, error: unknown) => {
      const reason = `${what} ${messageOf(error)}`;
      await printer.note(reason);
      if (request !== undefined) await writeUpgradeFailure(home, { id: request.id, reason });
    };
    try {
      const { how, successor } = await upgrade(served, request);
      const isUp = async () => {
        const now = await findServerProcess(home);
        return now.state !== 'running' || now.run.pid !== process.pid;
      };
      const told = async () => {
        // Until it has said that it is there: one that is ended later, by whoever may, is no failure of the upgrade.
        while (!(await isUp())) {
          if (successor.closed.aborted)
            return fail('The new server is gone already.', successor.closed.reason);
          if (how === 'end-first' || interrupted.aborted) return undefined;
          await delay(pollMs);
        }
        return undefined;
      };
      return { how, told };
    } catch (error) {
      await fail('The server was not replaced, and goes on as it was.', error);
    }
  }
}

async function upgrade(
  { server, home, args, context }: ServedServer,
  request: UpgradeRequest | undefined,
): Promise<{ readonly how: 'serving' | 'end-first'; readonly successor: HandoverChannel }> {
  if (context.stderr.isTTY) {
    throw new CliError(
      'A server that runs in a terminal cannot be upgraded in place: the new one would have none. Start it with -d, or as a service.',
    );
  }
  const launched = Promise.withResolvers<HandoverChannel>();
  const how = await server.handOver((listeners) => {
    const successor = launchSuccessor({
      program: context.program,
      args: [...args, ...(request?.flags ?? [])],
      env: settingsOf(context.env, request?.settings),
      logPath: serverLogPath(home),
      listeners,
    });
    launched.resolve(successor);
    return successor;
  });
  return { how, successor: await launched.promise };
}

function settingsOf(
  env: CliContext['env'],
  settings: UpgradeRequest['settings'],
): Readonly<Record<string, string | undefined>> {
  if (settings === undefined) return env;
  const others = Object.entries(env).filter(([name]) => !name.startsWith('BERTH_'));
  return { ...Object.fromEntries(others), ...settings };
}
