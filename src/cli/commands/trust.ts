import { InvalidArgumentError, Option, type Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { awsHostNames } from '../../shared/aws-host-names.ts';
import { caVariables } from '../../shared/ca-variables.ts';
import { messageOf } from '../../shared/errors.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError } from '../cli-error.ts';
import { findCredentials } from '../credentials/find-credentials.ts';
import { findInvokingUser } from '../credentials/invoking-user.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';
import { bashQuote } from '../environment/format-exports.ts';
import { newCommand } from '../new-command.ts';
import { createPrinter } from '../output/printer.ts';
import { sudoLine } from '../server-process/sudo-line.ts';
import {
  type HostsEntry,
  readHostsEntries,
  readOtherEntries,
  withHostsEntries,
} from '../trust/hosts-block.ts';
import { readHostsFile, writeHostsFile } from '../trust/hosts-file.ts';

interface TrustOptions {
  readonly apply?: boolean;
  readonly undo?: boolean;
  readonly ca?: boolean;
  readonly address?: string;
  readonly gateway: readonly string[];
  readonly hostsFile: string;
  readonly json?: boolean;
}

export function trustCommand(context: CliContext): Command {
  return newCommand(
    'trust',
    'Make clients call Berth by the host names of AWS: says what they need, or writes the hosts entries.',
    [
      'berth trust',
      'sudo berth trust --apply --gateway my-gateway-abcdefghij',
      'sudo berth trust --undo',
      'berth trust --ca > berth-ca.pem',
    ],
  )
    .addOption(new Option('--apply', 'write the hosts entries').conflicts(['undo', 'ca']))
    .addOption(new Option('--undo', 'remove the hosts entries').conflicts('ca'))
    .option('--ca', "print the CA's certificate, to be copied to another machine")
    .option(
      '--address <ip>',
      'where the names lead; otherwise where the server listens with TLS',
      parseAddress,
    )
    .option('--gateway <id>', 'a gateway to lead here too; may be repeated', addGateway, [])
    .option('--hosts-file <path>', 'another hosts file', context.hostsFile)
    .action(async (options: TrustOptions) => {
      if (options.undo === true) return undo(options, context);
      const server = await findServer(context);
      if (options.ca === true) return context.stdout.write(await readFile(requireTls(server).caFile));
      if (options.apply === true) return apply(server, options, context);
      return show(server, options, context);
    });
}

/** Under sudo too, the server is the one that its user knows. */
async function findServer(context: CliContext): Promise<ServerCredentials> {
  const user = context.uid === 0 ? await findInvokingUser(context.env) : undefined;
  return findCredentials({ env: context.env, userHome: user?.home ?? context.userHome });
}

async function show(server: ServerCredentials, options: TrustOptions, context: CliContext): Promise<void> {
  const entries = wantedEntries(server, options, []);
  const variables = server.tls === undefined ? {} : caVariables(server.tls.bundleFile);
  const applyLine = sudoLine(context.program, ['trust', ...argumentsOf(options, context)], context.env);
  const lines = [
    `Hosts entries, one for each name, since hosts files have no wildcards:`,
    ...entries.map(({ address, name }) => `  ${address}\t${name}`),
    `Write them to ${options.hostsFile}:  ${applyLine}`,
    '',
    ...(server.tls === undefined
      ? []
      : [
          "What clients on this machine need to trust the server; 'berth env' sets it too:",
          ...Object.entries(variables).map(([name, value]) => `  export ${name}=${bashQuote(value)}`),
          '',
        ]),
    "On another machine: copy what 'berth trust --ca' prints here to a file, add the roots of that machine to it, and let the",
    "same variables name the file. Its names come from 'berth trust --address IP', with an address that it can reach.",
  ];
  await createPrinter(context, options.json === true).done(
    { entries, variables, caFile: server.tls?.caFile, hostsFile: options.hostsFile },
    lines.join('\n'),
  );
}

async function apply(server: ServerCredentials, options: TrustOptions, context: CliContext): Promise<void> {
  const printer = createPrinter(context, options.json === true);
  const before = await readHostsFile(options.hostsFile);
  const entries = wantedEntries(
    server,
    options,
    edit(options, () => readHostsEntries(before)),
  );
  const text = edit(options, () => withHostsEntries(before, entries));
  if (text !== before) await write(options, text, context);
  const names = new Set(entries.map(({ name }) => name));
  for (const other of readOtherEntries(text).filter(({ name }) => names.has(name))) {
    await printer.note(
      `warning: ${options.hostsFile} also leads ${other.name} to ${other.address}, outside of Berth's lines: remove that.`,
    );
  }
  await printer.done(
    { hostsFile: options.hostsFile, entries },
    [
      `${options.hostsFile} leads these names to Berth:`,
      ...entries.map(({ address, name }) => `  ${address}\t${name}`),
    ].join('\n'),
  );
}

async function undo(options: TrustOptions, context: CliContext): Promise<void> {
  const before = await readHostsFile(options.hostsFile);
  const text = edit(options, () => withHostsEntries(before, []));
  if (text !== before) await write(options, text, context);
  await createPrinter(context, options.json === true).done(
    { hostsFile: options.hostsFile, wasThere: text !== before },
    text === before
      ? `${options.hostsFile} has no entries of Berth's.`
      : `Berth's entries are removed from ${options.hostsFile}.`,
  );
}

/** Gateways that were led here before stay, so that one may be added after the other. */
function wantedEntries(
  server: ServerCredentials,
  options: TrustOptions,
  present: readonly HostsEntry[],
): readonly HostsEntry[] {
  const names = awsHostNames(server.region);
  const ending = names.gateway('');
  const gateways = present.map(({ name }) => name).filter((name) => name.endsWith(ending));
  const asked = options.gateway.map((id) => names.gateway(id));
  const address = options.address ?? addressOf(requireTls(server).host);
  return [...new Set([names.dataPlane, names.controlPlane, ...gateways, ...asked])].map((name) => ({
    address,
    name,
  }));
}

function requireTls(server: ServerCredentials): NonNullable<ServerCredentials['tls']> {
  if (server.tls !== undefined) return server.tls;
  throw new CliError(`Of the server at ${server.url} this user knows no TLS.`, {
    advice:
      "On this machine, start it with 'sudo berth up -d --tls'. For one elsewhere give its address with --address, and copy its CA certificate from there ('berth trust --ca').",
  });
}

/** A hosts file can hold no wildcard address and no name. */
function addressOf(listenHost: string): string {
  if (listenHost === '0.0.0.0' || listenHost === 'localhost') return '127.0.0.1';
  if (listenHost === '::') return '::1';
  if (isIP(listenHost) !== 0) return listenHost;
  throw new CliError(`The server listens with TLS on '${listenHost}', which is no IP address.`, {
    advice: 'Say where the names are to lead with --address.',
  });
}

function edit<Result>({ hostsFile }: TrustOptions, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CliError(`${hostsFile} ${messageOf(error)}: it was edited by somebody else.`, {
      advice: "Remove what is left of Berth's lines by hand, and try again.",
      cause: error,
    });
  }
}

async function write(options: TrustOptions, text: string, context: CliContext): Promise<void> {
  await writeHostsFile(options.hostsFile, text).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES' && error.code !== 'EPERM') throw error;
    const args = ['trust', ...argumentsOf(options, context)];
    throw new CliError(`Only root can change ${options.hostsFile}.`, {
      advice: `Run:  ${sudoLine(context.program, args, context.env)}`,
      cause: error,
    });
  });
}

function argumentsOf(options: TrustOptions, { hostsFile }: CliContext): readonly string[] {
  return [
    options.undo === true ? '--undo' : '--apply',
    ...(options.address === undefined ? [] : ['--address', options.address]),
    ...options.gateway.flatMap((id) => ['--gateway', id]),
    ...(options.hostsFile === hostsFile ? [] : ['--hosts-file', options.hostsFile]),
  ];
}

function parseAddress(text: string): string {
  if (isIP(text) === 0) throw new InvalidArgumentError('Expected an IP address, such as 10.0.0.5.');
  return text;
}

function addGateway(id: string, before: readonly string[]): readonly string[] {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/i.test(id) || id.length > 63)
    throw new InvalidArgumentError('Expected the id of a gateway, such as my-gateway-abcdefghij.');
  return [...before, id.toLowerCase()];
}
