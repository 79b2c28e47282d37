import { awsHostNames } from '../../shared/aws-host-names.ts';
import { caVariables } from '../../shared/ca-variables.ts';
import { awsNameVariables, endpointUrlVariables } from '../../shared/endpoint-url-variables.ts';
import type { ServerCredentials } from '../credentials/server-credentials.ts';

/** What makes AWS clients call Berth. */
export interface ClientEnvironment {
  readonly set: Readonly<Record<string, string>>;
  /** Variables that would lead a client elsewhere, or make it sign with something else. */
  readonly unset: readonly string[];
}

/**
 * For every family of clients (labs.md 1.1): the AWS SDKs and the aws CLI, the AgentCore SDK of Python (three spellings) and
 * of npm, and berth itself. With `areNamesLed` the host names of AWS lead to the server, by which some calls must go. AWS_ENDPOINT_URL is not set, because other AWS services must go on to AWS.
 */
export function clientEnvironment(
  server: ServerCredentials,
  env: Readonly<Record<string, string | undefined>>,
  areNamesLed = false,
): ClientEnvironment {
  const { url, region, tls } = server;
  const { dataPlane, controlPlane } = awsHostNames(region);
  const direct = [new URL(url).hostname, ...(areNamesLed ? [dataPlane, controlPlane] : [])];
  const noProxy = withHosts(env['NO_PROXY'] ?? env['no_proxy'], direct);
  return {
    set: {
      AWS_ACCESS_KEY_ID: server.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.secretAccessKey,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCOUNT_ID: server.accountId,
      ...Object.fromEntries(endpointUrlVariables.map((name) => [name, url])),
      ...(areNamesLed && Object.fromEntries(awsNameVariables.map((name) => [name, `https://${dataPlane}`]))),
      ...(tls !== undefined && caVariables(tls.bundleFile)),
      BERTH_ENDPOINT: url,
      NO_PROXY: noProxy,
      no_proxy: noProxy,
    },
    unset: [
      'AWS_SESSION_TOKEN',
      'AWS_SECURITY_TOKEN',
      'AWS_PROFILE',
      'AWS_DEFAULT_PROFILE',
      'AWS_IGNORE_CONFIGURED_ENDPOINT_URLS',
      // With these an SDK refuses an endpoint of one's own.
      'AWS_USE_FIPS_ENDPOINT',
      'AWS_USE_DUALSTACK_ENDPOINT',
    ],
  };
}

function withHosts(list: string | undefined, more: readonly string[]): string {
  const hosts = (list ?? '').split(',').map((item) => item.trim());
  return [...new Set([...hosts, ...more.map((host) => host.replace(/^\[|\]$/g, ''))])]
    .filter((item) => item !== '')
    .join(',');
}
