import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { usageError } from '../cli-error.ts';
import { connect } from '../client/connect.ts';
import { newCommand, newGroup } from '../new-command.ts';
import { formatAge } from '../output/format-time.ts';
import { createPrinter } from '../output/printer.ts';
import { givenSecret, type SecretOptions, withSecretOptions } from './given-secret.ts';
import { oauthConfigInput, type OauthOptions, vendorNames, vendorOf } from './oauth-config.ts';

const secret = { member: 'clientSecret', question: 'Client secret' };

type Options = SecretOptions & OauthOptions & { readonly json?: boolean };

export function oauth2Command(context: CliContext): Command {
  return newGroup('oauth2', 'OAuth2 clients at other services.', [
    'berth identity oauth2 create my-github --vendor github --client-id Iv1.abc < secret.txt',
    'berth identity oauth2 list',
  ])
    .addCommand(createCommand(context))
    .addCommand(listCommand(context))
    .addCommand(updateCommand(context))
    .addCommand(deleteCommand(context));
}

function createCommand(context: CliContext): Command {
  const command = newCommand(
    'create',
    'Keep an OAuth2 client, its secret sealed. The secret is asked for, or read from standard input.',
    [
      'berth identity oauth2 create my-github --vendor github --client-id Iv1.abc < secret.txt',
      'berth identity oauth2 create my-okta --vendor okta --client-id 0oa1 --issuer https://example.okta.com/oauth2/default',
      'berth identity oauth2 create sso --vendor custom --client-id agents --discovery-url https://sso.example/.well-known/openid-configuration',
    ],
  )
    .argument('<name>', 'what agents call it')
    .requiredOption('--vendor <vendor>', `whose service it is: ${vendorNames.join(', ')}`)
    .requiredOption('--client-id <id>', 'what the vendor calls your application');
  return withOauthOptions(withSecretOptions(command)).action(
    async (name: string, options: Options & { readonly vendor: string }) => {
      const vendor = vendorOf(options.vendor);
      // Wrong options are told before anybody types a secret.
      oauthConfigInput(vendor, options, {}, undefined);
      const given = isProvenByKey(options) ? {} : await givenSecret(context, options, secret);
      await using server = await connect(context);
      const made = await server.identity.createOauth({
        name,
        credentialProviderVendor: vendor,
        oauth2ProviderConfigInput: oauthConfigInput(vendor, options, given, undefined),
      });
      const printer = createPrinter(context, options.json === true);
      await printer.item(made, { name, vendor, 'callback URL': made.callbackUrl ?? '' });
      await printer.note('Register the callback URL at the vendor: users come back to it from there.');
    },
  );
}

function listCommand(context: CliContext): Command {
  return newCommand('list', 'List OAuth2 clients, without their secrets.', [
    'berth identity oauth2 list',
    'berth identity oauth2 list --json',
  ]).action(async (options: { json?: boolean }) => {
    await using server = await connect(context);
    const now = context.clock.now();
    await createPrinter(context, options.json === true).list(
      await server.identity.oauths(),
      [
        ['NAME', (provider) => provider.name],
        ['VENDOR', (provider) => provider.credentialProviderVendor],
        ['AGE', (provider) => formatAge(now, provider.createdTime * 1000)],
        ['CHANGED', (provider) => formatAge(now, provider.lastUpdatedTime * 1000)],
      ],
      'There are no OAuth2 clients.',
    );
  });
}

function updateCommand(context: CliContext): Command {
  const command = newCommand(
    'update',
    'Change an OAuth2 client; what is not given stays, but the secret is asked for, or read from standard input. What users granted stays good.',
    [
      'berth identity oauth2 update my-github < new-secret.txt',
      'berth identity oauth2 update my-github --client-id Iv1.def --keep-secret',
    ],
  )
    .argument('<name>', 'what agents call it')
    .option('--client-id <id>', 'what the vendor calls your application')
    .option('--keep-secret', 'go on with the secret that is kept');
  return withOauthOptions(withSecretOptions(command)).action(
    async (name: string, options: Options & { readonly keepSecret?: boolean }) => {
      const isKept = options.keepSecret === true;
      if (isKept && options.secretId !== undefined)
        throw usageError('--keep-secret and --secret-id contradict each other.', 'Give one of them.');
      await using server = await connect(context);
      const known = await server.identity.oauth(name);
      const vendor = vendorOf(known.credentialProviderVendor);
      const [config] = Object.values(known.oauth2ProviderConfigOutput);
      oauthConfigInput(vendor, options, {}, config);
      const isProven =
        isProvenByKey(options) ||
        (options.authMethod === undefined && config?.['clientAuthenticationMethod'] === 'PRIVATE_KEY_JWT');
      const given = isKept || isProven ? {} : await givenSecret(context, options, secret);
      const changed = await server.identity.updateOauth({
        name,
        credentialProviderVendor: vendor,
        oauth2ProviderConfigInput: oauthConfigInput(vendor, options, given, config),
      });
      await createPrinter(context, options.json === true).done(
        changed,
        `The OAuth2 client ${name} is changed.`,
      );
    },
  );
}

function deleteCommand(context: CliContext): Command {
  return newCommand('delete', 'Delete an OAuth2 client, and all that users granted through it.', [
    'berth identity oauth2 delete my-github',
  ])
    .argument('<name>', 'what agents call it')
    .action(async (name: string, options: { json?: boolean }) => {
      await using server = await connect(context);
      await server.identity.deleteOauth(name);
      await createPrinter(context, options.json === true).done(
        { deleted: name },
        `The OAuth2 client ${name} is gone, and so is what users granted through it.`,
      );
    });
}

function withOauthOptions(command: Command): Command {
  return command
    .option('--tenant <id>', 'microsoft: the tenant; otherwise accounts of any')
    .option('--issuer <url>', 'the issuer, where every customer of the vendor has one')
    .option(
      '--authorization-endpoint <url>',
      "where users consent, if the issuer's discovery document is not to be used",
    )
    .option(
      '--token-endpoint <url>',
      "where tokens are had, if the issuer's discovery document is not to be used",
    )
    .option('--discovery-url <url>', 'custom: address of the discovery document')
    .addOption(
      new Option(
        '--auth-method <method>',
        'custom: how the client proves itself; basic when not given',
      ).choices(['basic', 'post', 'private-key-jwt']),
    )
    .option('--signing-key <arn>', "private-key-jwt: the ARN of one of the server's keys")
    .addOption(
      new Option('--signing-algorithm <name>', 'private-key-jwt: RS256 when not given').choices([
        'RS256',
        'PS256',
        'ES256',
      ]),
    )
    .addOption(
      new Option(
        '--on-behalf-of <grant>',
        "custom: how a user's token is exchanged for one of this service",
      ).choices(['token-exchange', 'jwt-bearer']),
    )
    .addOption(
      new Option(
        '--actor-token <which>',
        'token-exchange: whether a token of the client itself goes along',
      ).choices(['none', 'm2m']),
    );
}

function isProvenByKey({ authMethod }: OauthOptions): boolean {
  return authMethod === 'private-key-jwt';
}
