import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import { newCommand } from '../new-command.ts';
import { formatAge, formatSize } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';

export function sessionStorageCommand(context: CliContext): Command {
  return newCommand('storage', 'List the storage of sessions, live and ended.', [
    'berth sessions storage',
    'berth sessions storage hello_node',
  ])
    .argument('[runtime]', 'only those of this runtime')
    .action(async (runtime: string | undefined, options: { json?: boolean }) => {
      await using server = await connect(context);
      const runtimeId = runtime === undefined ? undefined : (await server.findRuntime(runtime)).id;
      const now = context.clock.now();
      await createPrinter(context, options.json === true).list(
        await server.admin.sessionStorage(runtimeId),
        [
          ['SESSION', (storage) => storage.sessionId],
          ['RUNTIME', (storage) => storage.runtimeName ?? storage.runtimeId],
          ['VERSION', (storage) => storage.version],
          ['USED', (storage) => formatSize(storage.usedBytes)],
          ['SIZE', (storage) => formatSize(storage.sizeBytes)],
          ['LAST USED', (storage) => formatAge(now, storage.lastUsedAtMs)],
          ['KEPT FOR', (storage) => formatAge(storage.keptUntilMs, now)],
        ],
        'No session has storage.',
      );
    });
}
