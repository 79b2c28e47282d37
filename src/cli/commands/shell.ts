import { randomUUID } from 'node:crypto';
import type { Command } from 'commander';
import { bearerTokenOf, bearerTokenOption } from '../bearer-token.ts';
import type { CliContext } from '../cli-context.ts';
import { CliError, usageError } from '../cli-error.ts';
import { connect } from '../client/connect.ts';
import { RemoteShell, type ShellEnd } from '../client/remote-shell.ts';
import { newGroup } from '../new-command.ts';
import type { Outcome } from '../outcome.ts';
import { escapeControl } from '../output/escape-control.ts';

interface ShellOptions {
  readonly session?: string;
  readonly shell?: string;
  readonly endpoint?: string;
  readonly bearerToken?: string;
}

const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
/** Ctrl-], as telnet and AWS's own command have it. */
const leaveKey = 0x1d;

export function shellCommand(context: CliContext, outcome: Outcome): Command {
  return newGroup('shell', "Open a terminal in a session's sandbox; its exit code is returned.", [
    'berth shell hello_node',
    'berth shell hello_node --session 0b4ce1f2-6f1c-4d6f-9d54-4c7c2d9e7a31 --shell debug',
  ])
    .argument('<runtime>', 'name, id or ARN')
    .option(
      '-s, --session <id>',
      'in the sandbox of this session (33 characters or more); otherwise a new one begins',
    )
    .option('--shell <id>', 'go on with the shell of this name; otherwise a new one begins')
    .option('-e, --endpoint <name>', 'another endpoint than DEFAULT')
    .option(...bearerTokenOption)
    .action(async (reference: string, options: ShellOptions) => {
      if (!context.stdin.isTTY || !context.stdout.isTTY)
        throw usageError('A shell needs a terminal.', "Use 'berth exec' to run commands without one.");
      await using server = await connect(context);
      const { arn, endpoint } = await server.findRuntime(reference);
      const sessionId = options.session ?? randomUUID();
      const shellId = options.shell ?? randomUUID();
      const request = {
        method: 'GET',
        path: `/runtimes/${encodeURIComponent(arn)}/ws/shells`,
        query: { qualifier: options.endpoint ?? endpoint, shellId },
        headers: { [sessionHeader]: sessionId },
        bearerToken: bearerTokenOf(options, context),
      };
      await context.stderr.write(`session: ${sessionId}\nshell: ${shellId} (Ctrl-] leaves it running)\n`);
      const end = await sitAt(async () => {
        const { url, headers } = await server.client.sign(request);
        return { url: url.replace(/^http/, 'ws'), headers };
      }, context);
      const again = `berth shell ${reference} --session ${sessionId} --shell ${shellId}`;
      outcome.exitCode = await tell(end, again, context);
    });
}

type Address = ConstructorParameters<typeof RemoteShell>[0]['address'];

/** The terminal is the shell's until it ends or is left. */
async function sitAt(address: Address, context: CliContext): Promise<ShellEnd> {
  using terminal = context.openTerminal();
  const shell = new RemoteShell({
    address,
    // As with ssh: a program in a terminal drives it.
    onOutput: (bytes) => void context.stdout.write(bytes),
    onNotice: (text) => void context.stderr.write(`\r\nberth: ${escapeControl(text)}\r\n`),
    size: () => terminal.size(),
    clock: context.clock,
  });
  terminal.onResize(() => shell.resize());
  const leave = () => shell.leave();
  context.interrupted.addEventListener('abort', leave, { once: true });
  // When the terminal is given back there are no more keys.
  followKeys(terminal.keys, shell).catch(() => {});
  try {
    return await shell.run();
  } finally {
    context.interrupted.removeEventListener('abort', leave);
  }
}

async function followKeys(keys: AsyncIterable<Uint8Array>, shell: RemoteShell): Promise<void> {
  for await (const bytes of keys) {
    const at = bytes.indexOf(leaveKey);
    shell.type(at < 0 ? bytes : bytes.subarray(0, at));
    if (at >= 0) break;
  }
  shell.leave();
}

async function tell(end: ShellEnd, again: string, { stderr }: CliContext): Promise<number> {
  const advice = `Go on with it: ${again}`;
  switch (end.kind) {
    case 'exited':
      return end.exitCode;
    case 'left':
      await stderr.write(`\nThe shell goes on for 15 minutes. ${advice}\n`);
      return 0;
    case 'taken':
      throw new CliError('Another client has taken over this shell.', { advice });
    case 'lost':
      throw new CliError(end.message, { advice });
    case 'failed':
      throw new CliError(end.message, { advice: "'berth sessions list' may show what happened." });
  }
}
