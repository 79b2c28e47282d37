import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { connect } from '../client/connect.ts';
import type { EndpointDetails } from '../client/runtimes-api.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';

interface EndpointSettings {
  readonly runtimeVersion?: string;
  readonly description?: string;
  readonly json?: boolean;
}

export function endpointsCommand(context: CliContext): Command {
  return newGroup(
    'endpoints',
    'Names that point at versions of a runtime. DEFAULT follows the newest by itself.',
    [
      'berth endpoints create hello_node prod --runtime-version 3',
      'berth endpoints update hello_node prod --runtime-version 4',
    ],
  )
    .addCommand(listCommand(context))
    .addCommand(showCommand(context))
    .addCommand(createCommand(context))
    .addCommand(updateCommand(context))
    .addCommand(deleteCommand(context));
}

function listCommand(context: CliContext): Command {
  return newCommand('list', 'List the endpoints of a runtime.', ['berth endpoints list hello_node'])
    .argument('<runtime>', 'name, id or ARN')
    .action(async (reference: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      const { id } = await server.findRuntime(reference);
      await createPrinter(context, options.json === true).list(
        await server.runtimes.endpoints(id),
        [
          ['NAME', (endpoint) => endpoint.name],
          ['STATUS', (endpoint) => endpoint.status],
          ['VERSION', (endpoint) => endpoint.liveVersion],
          ['TARGET', (endpoint) => endpoint.targetVersion],
          ['DESCRIPTION', (endpoint) => endpoint.description],
        ],
        `${reference} has no endpoints.`,
      );
    });
}

function showCommand(context: CliContext): Command {
  return withEndpoint(
    newCommand('show', 'Show one endpoint.', ['berth endpoints show hello_node DEFAULT']),
  ).action(async (reference: string, name: string, options: { json?: boolean }) => {
    await using server = await connect(context);
    const { id } = await server.findRuntime(reference);
    const endpoint = await server.runtimes.endpoint(id, name);
    await createPrinter(context, options.json === true).item(endpoint, fieldsOf(endpoint));
  });
}

function createCommand(context: CliContext): Command {
  return withSettings(
    withEndpoint(
      newCommand('create', 'Make an endpoint. It stays on its version until it is updated.', [
        'berth endpoints create hello_node prod --runtime-version 3',
      ]),
    ),
    'the newest',
  ).action(async (reference: string, name: string, options: EndpointSettings) => {
    await using server = await connect(context);
    const { id } = await server.findRuntime(reference);
    await server.runtimes.createEndpoint(id, { name, ...settingsOf(options) });
    await createPrinter(context, options.json === true).done(
      await server.runtimes.endpoint(id, name),
      `Endpoint ${name} is made. Call it: berth invoke ${reference} --endpoint ${name} '{"prompt":"hi"}'`,
    );
  });
}

function updateCommand(context: CliContext): Command {
  return withSettings(
    withEndpoint(
      newCommand('update', 'Move an endpoint to another version. Live sessions stay on theirs.', [
        'berth endpoints update hello_node prod --runtime-version 4',
      ]),
    ),
    'as it is',
  ).action(async (reference: string, name: string, options: EndpointSettings) => {
    await using server = await connect(context);
    const { id } = await server.findRuntime(reference);
    await server.runtimes.updateEndpoint(id, name, settingsOf(options));
    const endpoint = await server.runtimes.endpoint(id, name);
    await createPrinter(context, options.json === true).done(
      endpoint,
      `Endpoint ${name} points at version ${endpoint.targetVersion ?? endpoint.liveVersion ?? '?'}.`,
    );
  });
}

function deleteCommand(context: CliContext): Command {
  return withEndpoint(
    newCommand('delete', 'Delete an endpoint.', ['berth endpoints delete hello_node prod']),
  ).action(async (reference: string, name: string, options: { json?: boolean }) => {
    await using server = await connect(context);
    const { id } = await server.findRuntime(reference);
    await server.runtimes.deleteEndpoint(id, name);
    await createPrinter(context, options.json === true).done(
      { deleting: name },
      `Endpoint ${name} is being deleted.`,
    );
  });
}

function withEndpoint(command: Command): Command {
  return command.argument('<runtime>', 'name, id or ARN').argument('<endpoint>', "the endpoint's name");
}

function withSettings(command: Command, otherwise: string): Command {
  return command
    .option('--runtime-version <number>', `the version it points at; otherwise ${otherwise}`)
    .option('--description <text>', 'what it is for');
}

function settingsOf({ runtimeVersion, description }: EndpointSettings): object {
  return {
    ...(runtimeVersion !== undefined && { agentRuntimeVersion: runtimeVersion }),
    ...(description !== undefined && { description }),
  };
}

function fieldsOf(endpoint: EndpointDetails): Record<string, string | undefined> {
  return {
    name: endpoint.name,
    arn: endpoint.agentRuntimeEndpointArn,
    status: endpoint.status,
    failure: endpoint.failureReason,
    version: endpoint.liveVersion,
    target: endpoint.targetVersion,
    description: endpoint.description,
    updated: endpoint.lastUpdatedAt,
  };
}
