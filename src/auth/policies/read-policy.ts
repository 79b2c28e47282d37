import { fitsPattern } from '../wildcard.ts';
import { invalidField } from '../../shared/errors.ts';
import { PolicyProblem, readConditions } from './condition.ts';
import type { PolicyDocument, PolicyStatement } from './policy-document.ts';
import { readTexts, shorten } from './policy-text.ts';
import { readPrincipals } from './read-principals.ts';
import { findRepeatedMember } from './repeated-member.ts';

/** AWS's quotas (contract 5.2). */
const mostBytes = 20 * 1024;
const mostStatements = 100;

export interface PolicyPlace {
  /** The one resource that the policy may be about. */
  readonly resourceArn: string;
  readonly accountId: string;
  /** With their services; an action that fits none of them is a slip. */
  readonly knownActions: readonly string[];
}

/**
 * Reads a policy in IAM's language. Throws `validation` for what is malformed and for all that Berth would not follow to the
 * letter, so that a policy which was taken means what it says.
 */
export function readPolicy(text: string, place: PolicyPlace): PolicyDocument {
  try {
    return readDocument(text, place);
  } catch (error) {
    if (error instanceof PolicyProblem) throw invalidField('policy', error.message);
    throw error;
  }
}

function readDocument(text: string, place: PolicyPlace): PolicyDocument {
  if (Buffer.byteLength(text) > mostBytes)
    throw new PolicyProblem(`The policy has more than ${mostBytes} bytes.`);
  const document = requireObject(parse(text), 'The policy');
  refuseOthers(document, ['Version', 'Id', 'Statement'], 'the policy');
  const { Version: version, Id: id, Statement: given } = document;
  if (version !== '2012-10-17' && version !== '2008-10-17')
    throw new PolicyProblem("Version must be '2012-10-17' (or '2008-10-17').");
  if (id !== undefined && typeof id !== 'string') throw new PolicyProblem('Id must be text.');
  const list: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (given === undefined || list.length === 0) throw new PolicyProblem('The policy has no Statement.');
  if (list.length > mostStatements)
    throw new PolicyProblem(`The policy has ${list.length} statements; ${mostStatements} are the most.`);
  const statements = list.map((statement, index) => readStatement(statement, index, place));
  const sids = statements.flatMap(({ sid }) => sid ?? []);
  const repeated = sids.find((sid, index) => sids.indexOf(sid) !== index);
  if (repeated !== undefined) throw new PolicyProblem(`Two statements have the Sid '${repeated}'.`);
  return { statements };
}

function readStatement(given: unknown, index: number, place: PolicyPlace): PolicyStatement {
  const where = `Statement ${index + 1}`;
  const statement = requireObject(given, where);
  if ('NotPrincipal' in statement)
    throw new PolicyProblem(
      `${where} has NotPrincipal, which Berth does not take: name those whom you mean, or use a Condition on aws:PrincipalArn.`,
    );
  if ('NotResource' in statement)
    throw new PolicyProblem(`${where} has NotResource; a resource policy is about its own resource.`);
  refuseOthers(
    statement,
    ['Sid', 'Effect', 'Principal', 'Action', 'NotAction', 'Resource', 'Condition'],
    where,
  );
  const { Sid: sid, Effect: effect, Condition: conditions = {} } = statement;
  if (sid !== undefined && (typeof sid !== 'string' || !/^[A-Za-z0-9]*$/.test(sid)))
    throw new PolicyProblem(`${where}: Sid must be letters and digits.`);
  if (effect !== 'Allow' && effect !== 'Deny')
    throw new PolicyProblem(`${where}: Effect must be 'Allow' or 'Deny'.`);
  requireOwnResource(statement['Resource'], where, place);
  return {
    sid: sid === '' ? undefined : sid,
    effect,
    principals: readPrincipals(statement['Principal'], where, place.accountId),
    ...readActions(statement, where, place),
    conditions: Object.entries(requireObject(conditions, `${where}: Condition`)).flatMap(([name, keys]) =>
      readConditions(effect, name, keys),
    ),
  };
}

function readActions(
  { Action: action, NotAction: notAction }: Readonly<Record<string, unknown>>,
  where: string,
  { knownActions }: PolicyPlace,
): Pick<PolicyStatement, 'actions' | 'isNotAction'> {
  if ((action === undefined) === (notAction === undefined))
    throw new PolicyProblem(`${where} must have either Action or NotAction.`);
  const isNotAction = action === undefined;
  const actions = readTexts(action ?? notAction, `${where}: ${isNotAction ? 'NotAction' : 'Action'}`).map(
    (name) => name.toLowerCase(),
  );
  for (const name of actions) {
    if (name !== '*' && !knownActions.some((known) => fitsPattern(name, known.toLowerCase())))
      throw new PolicyProblem(
        `${where}: '${name}' is no action of Bedrock AgentCore or of Berth. Examples: bedrock-agentcore:InvokeAgentRuntime, bedrock-agentcore:*.`,
      );
  }
  return { actions, isNotAction };
}

function requireOwnResource(given: unknown, where: string, { resourceArn }: PolicyPlace): void {
  const resources = readTexts(given, `${where}: Resource`);
  const other = resources.find((resource) => resource !== resourceArn);
  if (other !== undefined)
    throw new PolicyProblem(
      `${where}: Resource must be exactly ${resourceArn}, the resource that the policy is put on; it is '${shorten(other)}'.`,
    );
}

function parse(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new PolicyProblem('The policy is not JSON.');
  }
  const repeated = findRepeatedMember(text);
  if (repeated !== undefined)
    throw new PolicyProblem(`'${shorten(repeated)}' is there twice in one object; only one would count.`);
  return value;
}

function requireObject(given: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof given === 'object' && given !== null && !Array.isArray(given))
    return given as Readonly<Record<string, unknown>>;
  throw new PolicyProblem(`${what} must be a JSON object.`);
}

function refuseOthers(given: object, known: readonly string[], where: string): void {
  const other = Object.keys(given).find((name) => !known.includes(name));
  if (other !== undefined)
    throw new PolicyProblem(`${where} has '${shorten(other)}', which is no member of the policy language.`);
}
