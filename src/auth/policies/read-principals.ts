import { PolicyProblem } from './condition.ts';
import type { PolicyPrincipal } from './policy-document.ts';
import { roleOfSession } from './policy-document.ts';
import { readTexts, shorten } from './policy-text.ts';

const userForm = /^arn:aws[\w-]*:iam::([0-9]{12}):user\/([\w+=,.@-]+)$/;
const rootForm = /^arn:aws[\w-]*:iam::([0-9]{12}):root$/;
const roleForm = /^arn:aws[\w-]*:iam::([0-9]{12}):role\/(?:[\x21-\x29\x2b-\x3e\x40-\x7e]+\/)?([\w+=,.@-]+)$/;

/** Throws a `PolicyProblem` for anybody who cannot call this server by that name. */
export function readPrincipals(given: unknown, where: string, accountId: string): readonly PolicyPrincipal[] {
  if (given === '*') return [{ kind: 'anyone' }];
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    throw new PolicyProblem(`${where}: Principal must be '*' or { "AWS": ... }.`);
  const entries = Object.entries(given);
  const other = entries.find(([kind]) => kind !== 'AWS');
  if (other !== undefined || entries.length === 0)
    throw new PolicyProblem(
      `${where}: Principal may hold AWS and nothing else; no ${shorten(other?.[0] ?? 'other')} calls this server. Holders of bearer tokens are meant by '*'.`,
    );
  return entries.flatMap(([, names]) =>
    readTexts(names, `${where}: Principal`).map((name) => readPrincipal(name, where, accountId)),
  );
}

function readPrincipal(name: string, where: string, accountId: string): PolicyPrincipal {
  if (name === '*') return { kind: 'anyone' };
  const account = /^[0-9]{12}$/.test(name) ? name : rootForm.exec(name)?.[1];
  if (account !== undefined) {
    requireOwn(account, where, accountId);
    return { kind: 'account', accountId: account };
  }
  const userAccount = userForm.exec(name)?.[1];
  if (userAccount !== undefined) {
    requireOwn(userAccount, where, accountId);
    return { kind: 'arn', arn: name };
  }
  const session = roleOfSession(name);
  if (session !== undefined && !/[*?]/.test(name)) {
    requireOwn(session.accountId, where, accountId);
    return { kind: 'arn', arn: name };
  }
  const [, roleAccount, role] = roleForm.exec(name) ?? [];
  if (roleAccount !== undefined && role !== undefined) {
    requireOwn(roleAccount, where, accountId);
    return { kind: 'role', accountId: roleAccount, name: role };
  }
  throw new PolicyProblem(
    `${where}: '${shorten(name)}' is no principal. Expected '*', the account ${accountId}, arn:aws:iam::${accountId}:user/NAME for keys of that name, or arn:aws:iam::${accountId}:role/ID for the agents of the runtime with that id; a part of an ARN cannot be a wildcard.`,
  );
}

function requireOwn(named: string, where: string, accountId: string): void {
  if (named === accountId) return;
  throw new PolicyProblem(`${where}: the account ${named} is not that of this server, ${accountId}.`);
}
