import type { Command } from 'commander';
import { sleep } from '../../shared/clock.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import type { AdminApi } from '../client/admin-api.ts';
import { connect } from '../client/connect.ts';
import type { VaultDetails } from '../client/vault-answers.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter, type Printer } from '../output/printer.ts';
import { createProgress, silentProgress } from '../output/progress.ts';
import { rotateMasterKeyCommand } from './rotate-master-key.ts';

const pollMs = 300;
/** After that the server is left to it. */
const longestWaitMs = 60_000;

export function vaultCommand(context: CliContext): Command {
  return newGroup('vault', 'The key that protects what agents get credentials from.', [
    'berth vault show',
    'berth vault rotate',
    'sudo berth vault rotate-master-key',
  ])
    .addCommand(showCommand(context))
    .addCommand(rotateCommand(context))
    .addCommand(rotateMasterKeyCommand(context));
}

function showCommand(context: CliContext): Command {
  return newCommand('show', "Show which version the vault's key has, and who keeps it.", [
    'berth vault show',
    'berth vault show --json',
  ]).action(async (options: { json?: boolean }) => {
    await using server = await connect(context);
    const vault = await server.admin.vault();
    const printer = createPrinter(context, options.json === true);
    await printer.item(vault, {
      'key version': vault.version,
      'kept by': keeperOf(vault),
      age: formatAge(context.clock.now(), vault.createdAtMs),
      'data keys': vault.dataKeys,
      'to be moved': vault.dataKeysToMove === 0 ? undefined : vault.dataKeysToMove,
    });
    if (vault.isTransitUnused === true)
      await printer.note(
        "The server knows a transit engine that does not keep this key: 'berth vault rotate' gives it to the engine.",
      );
  });
}

function rotateCommand(context: CliContext): Command {
  return newCommand(
    'rotate',
    "Make a new version of the vault's key, and wrap all data keys under it. Everything stays readable meanwhile.",
    ['berth vault rotate'],
  ).action(async (options: { json?: boolean }) => {
    await using server = await connect(context);
    const printer = createPrinter(context, options.json === true);
    const rotated = await server.admin.rotateVault();
    const vault = await untilMoved(context, printer, server.admin, rotated);
    await printer.done(
      vault,
      `The vault's key has version ${vault.version}, kept by ${keeperOf(vault)}; all ${vault.dataKeys} data keys are wrapped under it.`,
    );
  });
}

async function untilMoved(
  { clock, interrupted, stderr }: CliContext,
  { isJson }: Printer,
  admin: Pick<AdminApi, 'vault'>,
  rotated: VaultDetails,
): Promise<VaultDetails> {
  await using progress = isJson ? silentProgress : createProgress(stderr, clock);
  const untilMs = clock.now() + longestWaitMs;
  let vault = rotated;
  while (vault.dataKeysToMove > 0) {
    if (clock.now() >= untilMs) {
      throw new CliError(
        `${vault.dataKeysToMove} data keys are not yet wrapped under version ${rotated.version}. The server goes on trying, and everything stays readable.`,
        { advice: "'berth vault show' tells how many are left, the server's log why." },
      );
    }
    await progress.show(`${vault.dataKeysToMove} of ${vault.dataKeys} data keys are to be moved`);
    await sleep(clock, pollMs, interrupted);
    vault = await admin.vault();
  }
  return vault;
}

function keeperOf({ keeper, keyArn, transitKey }: VaultDetails): string {
  if (keyArn !== undefined) return `key ${keyArn}`;
  return transitKey === undefined ? `the ${keeper}` : `the transit engine (${transitKey})`;
}
