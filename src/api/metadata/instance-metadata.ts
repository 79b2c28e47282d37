import type { IncomingMessage } from 'node:http';
import type { RolePrincipal } from '../../auth/principal.ts';
import type { MetadataTokens } from '../../auth/role/metadata-tokens.ts';
import type { TemporaryCredentials } from '../../auth/role/role-credentials.ts';
import { type MetadataAnswer, shownCredentials, shownTime } from './metadata-answer.ts';

export interface InstanceMetadataParts {
  readonly role: RolePrincipal;
  readonly issue: () => TemporaryCredentials;
  readonly tokens: Pick<MetadataTokens, 'issue' | 'isValid'>;
}

const tokenHeader = 'x-aws-ec2-metadata-token';
const lifetimeHeader = 'x-aws-ec2-metadata-token-ttl-seconds';
const longestLifetimeS = 21_600;
const credentialsPath = '/latest/meta-data/iam/security-credentials';

/** As EC2's metadata service of version 2 answers it; what is asked without a token, as version 1 was, is refused. */
export function answerInstanceMetadata(
  request: IncomingMessage,
  parts: InstanceMetadataParts,
): MetadataAnswer {
  const { method, url = '', headers } = request;
  const { role, tokens } = parts;
  const path = url.replace(/\/+$/, '');
  if (path === '/latest/api/token')
    return method === 'PUT' ? newToken(request, parts) : told(405, 'Use PUT.');
  const token = headers[tokenHeader];
  if (typeof token !== 'string' || !tokens.isValid(token, role.sandboxId))
    return told(
      401,
      `Unauthorized: PUT /latest/api/token first, and send what it answers as ${tokenHeader}.`,
    );
  if (method !== 'GET') return told(405, 'Use GET.');
  const body = documentAt(path, parts);
  return body === undefined ? told(404, 'Not found.') : { status: 200, body };
}

function newToken({ headers }: IncomingMessage, { role, tokens }: InstanceMetadataParts): MetadataAnswer {
  const text = headers[lifetimeHeader];
  const lifetimeS = typeof text === 'string' && /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (lifetimeS < 1 || lifetimeS > longestLifetimeS)
    return told(400, `Bad request: ${lifetimeHeader} must be 1 to ${longestLifetimeS}.`);
  const body = tokens.issue(role.sandboxId, lifetimeS * 1_000);
  return { status: 200, body, headers: { [lifetimeHeader]: String(lifetimeS) } };
}

function documentAt(path: string, { role, issue }: InstanceMetadataParts): string | object | undefined {
  const { region, accountId } = role;
  const roleName = role.roleArn.split('/').at(-1) ?? '';
  switch (path) {
    case credentialsPath:
      return roleName;
    case `${credentialsPath}/${roleName}`:
      return credentialsDocument(issue());
    case '/latest/meta-data/placement/region':
      return region;
    case '/latest/meta-data/placement/availability-zone':
      return `${region}a`;
    case '/latest/dynamic/instance-identity/document':
      return { accountId, availabilityZone: `${region}a`, region, version: '2017-09-30' };
    default:
      return undefined;
  }
}

function credentialsDocument(credentials: TemporaryCredentials): object {
  return {
    Code: 'Success',
    LastUpdated: shownTime(credentials.issuedAtMs),
    Type: 'AWS-HMAC',
    ...shownCredentials(credentials),
  };
}

function told(status: number, message: string): MetadataAnswer {
  return { status, body: `${message}\n` };
}
