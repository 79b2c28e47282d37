import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';
import { runtimeOptionsCommand } from './runtime-options.ts';

export function runtimesCommand(context: CliContext): Command {
  return newGroup('runtimes', 'Deployed agents and their versions.', [
    'berth runtimes list',
    'berth runtimes show hello_node',
  ])
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(versionsCommand(context))
    .addCommand(runtimeOptionsCommand(context))
    .addCommand(deleteCommand(context));
}

function listCommand(context: CliContext): Command {
  return newCommand('list', 'List the runtimes.', [
    'berth runtimes list',
    'berth runtimes list --json',
  ]).action(async (options: { json?: boolean }) => {
    await using server = await connect(context);
    const now = context.clock.now();
    await createPrinter(context, options.json === true).list(
      await server.runtimes.list(),
      [
        ['NAME', (runtime) => runtime.agentRuntimeName],
        ['ID', (runtime) => runtime.agentRuntimeId],
        ['VERSION', (runtime) => runtime.agentRuntimeVersion],
        ['STATUS', (runtime) => runtime.status],
        ['UPDATED', (runtime) => formatAge(now, timeOf(runtime.lastUpdatedAt))],
      ],
      "No runtime is deployed yet: 'berth deploy IMAGE' makes one.",
    );
  });
}

function showCommand(context: CliContext): Command {
  return newCommand('show', 'Show one runtime with the settings of its newest, or a given, version.', [
    'berth runtimes show hello_node',
    'berth runtimes show hello_node --runtime-version 1 --json',
  ])
    .argument('<runtime>', 'name, id or ARN')
    .option('--runtime-version <number>', 'another version than the newest')
    .action(async (reference: string, options: { runtimeVersion?: string; json?: boolean }) => {
      await using server = await connect(context);
      const { id } = await server.findRuntime(reference);
      const runtime = await server.runtimes.get(id, options.runtimeVersion);
      await createPrinter(context, options.json === true).item(runtime, {
        name: runtime.agentRuntimeName,
        id: runtime.agentRuntimeId,
        arn: runtime.agentRuntimeArn,
        version: runtime.agentRuntimeVersion,
        status: runtime.status,
        failure: runtime.failureReason,
        image: runtime.agentRuntimeArtifact?.containerConfiguration?.containerUri,
        protocol: runtime.protocolConfiguration?.serverProtocol,
        role: runtime.roleArn,
        description: runtime.description,
        'idle timeout': seconds(runtime.lifecycleConfiguration?.idleRuntimeSessionTimeout),
        'max lifetime': seconds(runtime.lifecycleConfiguration?.maxLifetime),
        // Values may be secrets, so only --json shows them.
        environment: Object.keys(runtime.environmentVariables ?? {}).join(', ') || undefined,
        updated: runtime.lastUpdatedAt,
      });
    });
}

function versionsCommand(context: CliContext): Command {
  return newCommand('versions', 'List the versions of a runtime.', ['berth runtimes versions hello_node'])
    .argument('<runtime>', 'name, id or ARN')
    .action(async (reference: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      const { id } = await server.findRuntime(reference);
      const now = context.clock.now();
      await createPrinter(context, options.json === true).list(
        await server.runtimes.versions(id),
        [
          ['VERSION', (version) => version.agentRuntimeVersion],
          ['STATUS', (version) => version.status],
          ['UPDATED', (version) => formatAge(now, timeOf(version.lastUpdatedAt))],
          ['DESCRIPTION', (version) => version.description],
        ],
        `${reference} has no versions.`,
      );
    });
}

function deleteCommand(context: CliContext): Command {
  return newCommand('delete', 'Delete a runtime with all its versions and endpoints, and end its sessions.', [
    'berth runtimes delete hello_node',
    'berth runtimes delete hello_node --runtime-version 1',
  ])
    .argument('<runtime>', 'name, id or ARN')
    .option('--runtime-version <number>', 'only this version')
    .action(async (reference: string, options: { runtimeVersion?: string; json?: boolean }) => {
      await using server = await connect(context);
      const { id } = await server.findRuntime(reference);
      await server.runtimes.delete(id, options.runtimeVersion);
      const what =
        options.runtimeVersion === undefined ? `Runtime ${id}` : `Version ${options.runtimeVersion} of ${id}`;
      await createPrinter(context, options.json === true).done(
        { deleting: id, version: options.runtimeVersion },
        `${what} is being deleted.`,
      );
    });
}

function timeOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

function seconds(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count} s`;
}
