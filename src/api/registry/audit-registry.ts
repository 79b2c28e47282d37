import type { AccessContext } from '../../auth/access-context.ts';
import type { Audit } from '../../auth/audit/audit.ts';
import { accessKeyIdOf } from '../../auth/audit/audited-proof.ts';
import type { KeyPrincipal } from '../../auth/principal.ts';
import { registryActionNames, type RegistryScope } from '../../auth/registry-authenticator.ts';
import { DistributionError } from '../../images/repositories/distribution-error.ts';
import { LoginRequired } from './registry-answer.ts';
import type { RegistryPath } from './registry-path.ts';

interface Audited {
  readonly audit: Pick<Audit, 'allowed' | 'denied'>;
  readonly access: { readonly principal: KeyPrincipal };
  readonly context: AccessContext;
}

/** Runs `login` and tells the audit log when what the caller shows as proof is not good. */
export async function auditLogin<Result>(
  {
    audit,
    context: { requestId, sourceIp },
    rawPath,
  }: {
    readonly audit: Pick<Audit, 'unproven'>;
    readonly context: AccessContext;
    readonly rawPath: string;
  },
  proof: { readonly username: string | undefined } | undefined,
  login: () => Promise<Result>,
): Promise<Result> {
  try {
    return await login();
  } catch (error) {
    if (proof !== undefined && error instanceof LoginRequired)
      audit.unproven({
        ...{ action: 'berth:Authenticate', resource: rawPath, reason: 'user, password or token is not good' },
        ...{ accessKeyId: accessKeyIdOf(proof.username), requestId, sourceIp },
      });
    throw error;
  }
}

/** Runs `authorize` and tells the audit log when the caller may not do what it wants. */
export function auditRefusal(
  { audit, access: { principal }, context }: Audited,
  wanted: readonly RegistryScope[],
  authorize: () => void,
): void {
  try {
    authorize();
  } catch (error) {
    // Anything else asks for another token.
    if (error instanceof DistributionError && error.code === 'access-denied') {
      const [scope] = wanted;
      audit.denied({
        principal,
        action: registryActionNames[scope?.actions.at(-1) ?? 'pull'],
        resource: wanted.map(({ repository }) => repository).join(' '),
        reason: principal.limits === undefined ? `role ${principal.role}` : 'role or limits of the key',
        ...context,
      });
    }
    throw error;
  }
}

/** Tells the audit log of an image that is pushed, by its manifest, or removed; of what leads there and of pulls nothing. */
export async function auditChange(
  { audit, access: { principal }, context }: Audited,
  path: RegistryPath,
  method: string,
): Promise<void> {
  const isDeletion = method === 'DELETE' && (path.kind === 'manifest' || path.kind === 'blob');
  if (!isDeletion && !(method === 'PUT' && path.kind === 'manifest')) return;
  const { repository } = path;
  const resource =
    path.kind === 'manifest' ? `${repository}:${path.reference}` : `${repository}@${path.digest}`;
  await audit.allowed({
    principal,
    action: registryActionNames[isDeletion ? 'delete' : 'push'],
    resource,
    reason: `role ${principal.role}`,
    ...context,
  });
}
