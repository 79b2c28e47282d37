import type { Command } from 'commander';
import { sleep } from '../../shared/clock.ts';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import type { Load } from '../client/load.ts';
import { newCommand } from '../new-command.ts';
import { formatLoad } from '../output/format-load.ts';

const everyMs = 2_000;
/** Between the two looks that processor use is reckoned from. */
const firstMs = 500;
const clearScreen = '\u001b[H\u001b[J';

export function topCommand(context: CliContext): Command {
  return newCommand(
    'top',
    'Watch what runs: sessions and their sandboxes, what they take, what is starting and what waits, until Ctrl-C.',
    ['berth top', 'berth top --once', 'berth top --json --once'],
  )
    .option('--once', 'show it once')
    .action(async (options: { once?: boolean; json?: boolean }) => {
      await using server = await connect(context);
      const over = AbortSignal.any([context.interrupted, context.stdout.closed]);
      const isLive = context.stdout.isTTY && options.once !== true && options.json !== true;
      let before: Load = await server.admin.load();
      for (let pauseMs = firstMs; ; pauseMs = everyMs) {
        if (!(await pause(context, pauseMs, over))) return;
        const load = await server.admin.load();
        const text =
          options.json === true
            ? `${JSON.stringify(load)}\n`
            : formatLoad(load, before, context.stdout.isTTY);
        await context.stdout.write(isLive ? clearScreen + text : text);
        if (options.once === true) return;
        before = load;
      }
    });
}

/** False when the user has had enough. */
async function pause({ clock }: Pick<CliContext, 'clock'>, ms: number, over: AbortSignal): Promise<boolean> {
  return sleep(clock, ms, over).then(
    () => true,
    () => false,
  );
}
