const cliSource = 'issue main path, CLI';
const upSource = 'issue main path, berth up';
const keysSource = 'issue main path, Authentication and keys';

/** The `berth` command and a server's configuration: issue "main path", Set-up, berth up, Authentication and keys, CLI. */
export const cli = {
  'cli:from-clone': {
    text: './bin/berth runs from source on the pinned Node, also through a link, and says what to do when npm packages are missing',
    source: 'issue main path, Set-up',
  },
  'cli:config': {
    text: 'Every setting has a flag or a variable, a default, and an error that names it, its value and what was expected',
    source: upSource,
  },
  'cli:config-page': {
    text: 'docs/configuration.md lists every variable with its default',
    source: 'style.md, Docs',
  },
  'cli:page': { text: 'docs/cli.md lists every command and flag', source: 'style.md, Docs' },
  'cli:master-key': {
    text: 'The master key comes from the environment or a file of mode 0600 that the first start makes',
    source: 'design.md 4, Secrets are sealed',
  },
  'cli:up-needs-root': {
    text: 'Not root, berth up stops with the exact sudo line, settings of the environment included',
    source: upSource,
  },
  'cli:up-client-file': {
    text: 'Started by sudo, berth up leaves a client file for the invoking user, so that the rest of the CLI needs no root',
    source: upSource,
  },
  'cli:up-says': {
    text: 'berth up prints where it listens, engine and isolation, warnings, and the one line to run next; Ctrl-C says what still runs',
    source: upSource,
  },
  'cli:up-detached': {
    text: 'berth up -d waits until the server is ready, or prints why it failed with the last lines of its log',
    source: upSource,
  },
  'cli:up-second': {
    text: 'A second server on the same home is refused with a clear error',
    source: upSource,
  },
  'cli:down': {
    text: 'berth down stops the very process that runs the home, and with --sessions ends all sessions, even when no server runs',
    source: upSource,
  },
  'cli:status': {
    text: 'berth status tells whether the server runs, also when it is down (exit code 3)',
    source: upSource,
  },
  'cli:env': {
    text: 'berth env prints the exports for every client family for bash, fish and .env, unsets AWS_SESSION_TOKEN and AWS_PROFILE, sets NO_PROXY',
    source: keysSource,
  },
  'cli:env-command': {
    text: 'berth env -- CMD runs a command with the variables and returns its exit code',
    source: keysSource,
  },
  'cli:env-profile': {
    text: 'berth env --profile NAME writes an AWS profile with a services section and leaves other profiles and comments alone',
    source: keysSource,
  },
  'cli:login': {
    text: 'berth login URL and BERTH_ENDPOINT aim the CLI at a remote server',
    source: keysSource,
  },
  'cli:keys': { text: 'berth keys create, list and revoke manage keys of all roles', source: keysSource },
  'cli:registry': {
    text: 'berth registry keeps logins for other registries and issues tokens for its own',
    source: cliSource,
  },
  'cli:deploy-push': {
    text: 'berth deploy pushes OCI layouts and archives, old ones of docker save too, and pins the digest',
    source: cliSource,
  },
  'cli:deploy-create': {
    text: 'berth deploy makes names legal, creates the runtime, waits for READY with progress and prints how to call it',
    source: cliSource,
  },
  'cli:deploy-again': {
    text: 'A re-deploy carries over every setting that was not given',
    source: cliSource,
  },
  'cli:deploy-failed': {
    text: 'berth deploy of an image that cannot be used fails with the reason',
    source: cliSource,
  },
  'cli:invoke': {
    text: 'berth invoke streams the answer as it arrives, from an argument, a file or standard input',
    source: cliSource,
  },
  'cli:exec': {
    text: "berth exec runs a command in a session's sandbox, prints its output as it arrives and ends with its exit code, 124 when it ran out of time",
    source: 'issue data plane, Commands and shells',
  },
  'cli:shell': {
    text: "berth shell is a terminal in a session's sandbox: keys, output, size and exit code; left by Ctrl-], and connected again when the connection breaks",
    source: 'issue data plane, Commands and shells',
  },
  'cli:names': { text: 'A runtime may be given as name, id or ARN', source: cliSource },
  'cli:runtimes': {
    text: 'berth runtimes and berth endpoints list, show, change and delete through the public API',
    source: cliSource,
  },
  'cli:sessions': { text: 'berth sessions lists, shows and stops sessions', source: cliSource },
  'cli:logs': {
    text: 'berth logs prints and follows what agents wrote, control sequences escaped',
    source: cliSource,
  },
  'cli:images': { text: 'berth images lists and deletes what was pushed', source: cliSource },
  'cli:exit-codes': {
    text: 'Exit codes tell failure, wrong usage, no server and not allowed apart; errors say what to do; --json everywhere',
    source: cliSource,
  },
  'cli:deploy-authorizer': {
    text: 'berth deploy says whose tokens callers bring, keeps that on the next deploy, and goes back to signatures when told to',
    source: 'issue data plane, Bearer callers',
  },
  'cli:invoke-bearer': {
    text: 'berth invoke proves its caller with a bearer token where one is given',
    source: 'issue data plane, Bearer callers',
  },
  'cli:bearer-variable': {
    text: 'berth invoke, exec and shell take a bearer token from the environment, where other users of the machine do not see it',
    source: 'issue identity, Vault',
  },
  'cli:token': {
    text: 'berth token prints a token of the development issuer for a client and a user',
    source: 'issue data plane, Bearer callers',
  },
  'cli:completion': {
    text: 'berth completion prints scripts that bash, zsh and fish accept',
    source: cliSource,
  },
  'cli:compile-cache': {
    text: 'Compiled code is kept between runs, only in a folder that nobody else can write to',
    source: 'issue sandbox engine, Restart and recovery (a restart is short)',
  },
} as const;
