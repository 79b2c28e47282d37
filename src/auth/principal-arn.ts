import type { Principal } from './principal.ts';

/** Names that IAM gives to users; any other name of a key has no place in an ARN. */
const userName = /^[\w+=,.@-]{1,64}$/;

/**
 * The ARN by which resource policies name a caller. Keys of one name are one user, as an IAM user has several keys; a key whose name is
 * none for IAM is known by its id. An agent's role is named by its runtime's id: the
 * ARN of a role that a version names is whatever its maker wrote. Undefined for a bearer token: AWS gives its holder no ARN, and only '*' means it.
 */
export function principalArnOf(principal: Principal): string | undefined {
  switch (principal.kind) {
    case 'access-key':
      return `arn:aws:iam::${principal.accountId}:user/${userNameOf(principal)}`;
    case 'role':
      return `arn:aws:sts::${principal.accountId}:assumed-role/${principal.runtimeId}/${principal.sandboxId}`;
    case 'token':
      return undefined;
  }
}

export function userNameOf({
  keyName,
  accessKeyId,
}: {
  readonly keyName?: string | undefined;
  readonly accessKeyId: string;
}): string {
  return keyName !== undefined && userName.test(keyName) ? keyName : accessKeyId;
}

/** One line that says who it is, for people and the audit log; never a secret. */
export function describePrincipal(principal: Principal): string {
  return principalArnOf(principal) ?? describeHolder(principal);
}

function describeHolder(principal: Principal): string {
  if (principal.kind !== 'token') return principal.kind;
  const { subject, issuer, holder } = principal;
  return `${subject} of ${issuer}${holder === 'client' ? ' (client)' : ''}`;
}
