import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { verifies } from '../../../test/requirements.ts';
import { seededWhole } from '../../../test/fakes/seeded.ts';
import type { AccountId } from '../../shared/ids.ts';
import type { Principal } from '../principal.ts';
import { fitsPattern } from '../wildcard.ts';
import { evaluatePolicy, type PolicyRequest } from './evaluate-policy.ts';
import type { PolicyCaller } from './policy-document.ts';
import { readPolicy } from './read-policy.ts';
import { requestContext } from './request-context.ts';

const accountId = '111122223333';
const resourceArn = `arn:aws:bedrock-agentcore:us-east-1:${accountId}:runtime/a-AbCdEf1234`;
const knownActions = [
  'bedrock-agentcore:InvokeAgentRuntime',
  'bedrock-agentcore:InvokeAgentRuntimeForUser',
  'bedrock-agentcore:GetAgentRuntime',
  'berth:GetLogs',
];
const user = (name: string) => `arn:aws:iam::${accountId}:user/${name}`;
const session = `arn:aws:sts::${accountId}:assumed-role/agent/s1`;
const ann: PolicyCaller = { arn: user('ann'), accountId };
const agent: PolicyCaller = { arn: session, accountId };
const bearer: PolicyCaller = { arn: undefined, accountId: undefined };

type Statement = Readonly<Record<string, unknown>>;

const base: Statement = {
  Effect: 'Allow',
  Principal: '*',
  Action: 'bedrock-agentcore:InvokeAgentRuntime',
  Resource: resourceArn,
};

function read(...statements: readonly Statement[]) {
  const text = JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ ...base, ...statement })),
  });
  return readPolicy(text, { resourceArn, accountId, knownActions });
}

function outcome(
  statements: readonly Statement[],
  request: Partial<PolicyRequest> & { readonly keys?: Readonly<Record<string, string>> } = {},
): string {
  const { keys = {}, ...given } = request;
  return evaluatePolicy(read(...statements), {
    caller: ann,
    action: 'bedrock-agentcore:InvokeAgentRuntime',
    context: { values: new Map(Object.entries(keys).map(([key, value]) => [key, [value]])) },
    ...given,
  }).outcome;
}

describe('resource policies', () => {
  it('allow and deny by principal', () => {
    verifies('authz:policy-principals');
    const by = (principal: unknown, caller: PolicyCaller, effect = 'Allow') =>
      outcome([{ Effect: effect, Principal: principal }], { caller });
    const role = `arn:aws:iam::${accountId}:role/service-role/agent`;
    for (const caller of [ann, agent, bearer]) {
      assert.equal(by('*', caller), 'allows');
      assert.equal(by({ AWS: ['*'] }, caller), 'allows');
    }
    assert.equal(by({ AWS: user('ann') }, ann), 'allows');
    assert.equal(by({ AWS: [user('bob'), user('ann')] }, ann), 'allows');
    assert.equal(by({ AWS: user('an') }, ann), 'silent');
    assert.equal(by({ AWS: user('ann') }, bearer), 'silent');
    assert.equal(by({ AWS: role }, agent), 'allows');
    assert.equal(by({ AWS: session }, agent), 'allows');
    assert.equal(by({ AWS: `${session}2` }, agent), 'silent');
    assert.equal(by({ AWS: role }, ann), 'silent');
    for (const foreign of ['iam::999999999999:role/agent', 'sts::999999999999:assumed-role/agent/s1'])
      assert.throws(() => by({ AWS: `arn:aws:${foreign}` }, agent), /not that of this server/);
    // As in IAM: a permission for the account is for the account's own rules to pass on.
    assert.equal(by({ AWS: accountId }, ann), 'silent');
    assert.equal(by({ AWS: accountId }, ann, 'Deny'), 'denies');
    assert.equal(by({ AWS: `arn:aws:iam::${accountId}:root` }, agent, 'Deny'), 'denies');
    assert.equal(by({ AWS: accountId }, bearer, 'Deny'), 'silent');
  });

  it('are about actions, wildcards and exceptions included, whatever their case', () => {
    verifies('authz:policy-evaluation');
    const of = (statement: Statement, action: string) => outcome([statement], { action });
    assert.equal(of({ Action: 'bedrock-agentcore:Invoke*' }, knownActions[1] ?? ''), 'allows');
    assert.equal(of({ Action: 'bedrock-agentcore:invokeagentruntime' }, knownActions[0] ?? ''), 'allows');
    assert.equal(of({ Action: 'bedrock-agentcore:InvokeAgentRuntime' }, knownActions[1] ?? ''), 'silent');
    assert.equal(of({ Action: '*' }, 'berth:GetLogs'), 'allows');
    assert.equal(of({ Action: 'bedrock-agentcore:*' }, 'berth:GetLogs'), 'silent');
    const except = { Action: undefined, NotAction: ['bedrock-agentcore:Get*', 'berth:*'] };
    assert.equal(of(except, knownActions[0] ?? ''), 'allows');
    assert.equal(of(except, knownActions[2] ?? ''), 'silent');
  });

  it('compare conditions as IAM does, missing keys included', () => {
    verifies('authz:policy-evaluation');
    const holds = (condition: object, keys: Readonly<Record<string, string>>) =>
      outcome([{ Condition: condition }], { keys }) === 'allows';
    const ip = { 'aws:sourceip': '192.0.2.9' };
    const arn = { 'aws:principalarn': user('ann') };
    const cases: readonly (readonly [boolean, object, Readonly<Record<string, string>>])[] = [
      [true, { IpAddress: { 'aws:SourceIp': ['10.0.0.0/8', '192.0.2.0/24'] } }, ip],
      [false, { IpAddress: { 'aws:SourceIp': '192.0.2.0/29' } }, ip],
      [true, { IpAddress: { 'aws:sourceIP': '2001:db8::/32' } }, { 'aws:sourceip': '2001:db8::1' }],
      [false, { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, {}],
      [true, { IpAddressIfExists: { 'aws:SourceIp': '192.0.2.0/24' } }, {}],
      [false, { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, ip],
      [true, { NotIpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }, {}],
      [true, { StringEquals: { 'aws:username': ['bob', 'ann'] } }, { 'aws:username': 'ann' }],
      [false, { StringEquals: { 'aws:username': 'Ann' } }, { 'aws:username': 'ann' }],
      [true, { StringEqualsIgnoreCase: { 'aws:username': 'Ann' } }, { 'aws:username': 'ann' }],
      [false, { StringNotEquals: { 'aws:username': ['bob', 'ann'] } }, { 'aws:username': 'ann' }],
      [true, { StringNotEquals: { 'aws:username': 'bob' } }, {}],
      [true, { StringLike: { 'aws:username': 'a?n*' } }, { 'aws:username': 'ann' }],
      [false, { StringNotLike: { 'aws:username': 'a*' } }, { 'aws:username': 'ann' }],
      [true, { ArnLike: { 'aws:PrincipalArn': `arn:aws:iam::*:user/*` } }, arn],
      [
        false,
        { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:user/x' } },
        { 'aws:principalarn': 'arn:aws:iam::1:role/x' },
      ],
      [false, { ArnNotEquals: { 'aws:PrincipalArn': user('ann') } }, arn],
      [true, { Bool: { 'aws:SecureTransport': 'true' } }, { 'aws:securetransport': 'true' }],
      [false, { Bool: { 'aws:SecureTransport': true } }, { 'aws:securetransport': 'false' }],
      [true, { Null: { 'aws:username': 'true' } }, {}],
      [false, { Null: { 'aws:username': true } }, { 'aws:username': 'ann' }],
      [true, { Null: { 'aws:username': false } }, { 'aws:username': 'ann' }],
      [true, { StringEquals: { 'aws:ResourceTag/Team': 'a' } }, { 'aws:resourcetag/team': 'a' }],
      [false, { StringEquals: { 'aws:ResourceTag/Team': 'a' } }, { 'aws:resourcetag/team': 'b' }],
      [
        true,
        { DateLessThan: { 'aws:CurrentTime': '2026-12-01T00:00:00Z' } },
        { 'aws:currenttime': '2026-11-30T23:59:59.000Z' },
      ],
      [
        false,
        { DateGreaterThanEquals: { 'aws:CurrentTime': '2026-12-01T01:00:00+01:00' } },
        { 'aws:currenttime': '2026-11-30T23:59:59.000Z' },
      ],
      // All operators and all keys must hold.
      [false, { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' }, Null: { 'aws:SourceIp': 'true' } }, ip],
      [
        true,
        { StringEquals: { 'aws:username': 'ann', 'aws:PrincipalType': 'User' } },
        { 'aws:username': 'ann', 'aws:principaltype': 'User' },
      ],
      [
        false,
        { StringEquals: { 'aws:username': 'ann', 'aws:PrincipalType': 'User' } },
        { 'aws:username': 'ann' },
      ],
    ];
    for (const [expected, condition, keys] of cases)
      assert.equal(holds(condition, keys), expected, JSON.stringify([condition, keys]));
  });

  it('know tags whatever the case of their keys, also in two that differ by nothing else', () => {
    verifies('authz:policy-evaluation');
    const caller: Principal = {
      ...{ kind: 'access-key', accessKeyId: 'AKIAANN', role: 'invoker' },
      ...{ accountId: accountId as AccountId, region: 'us-east-1' },
    };
    const contextOf = (tags: Readonly<Record<string, string>>) =>
      requestContext(caller, { sourceIp: undefined, isSecure: true, atMs: 0, tags });
    const outcomeOf = (effect: string, condition: object, tags: Readonly<Record<string, string>>) =>
      outcome([{ Effect: effect, Condition: condition }], { context: contextOf(tags) });
    for (const key of ['aws:ResourceTag/env', 'aws:ResourceTag/Env', 'AWS:RESOURCETAG/ENV']) {
      const [is, isNot] = [{ StringEquals: { [key]: 'prod' } }, { StringNotEquals: { [key]: 'prod' } }];
      for (const tags of [
        { env: 'prod' },
        { Env: 'prod' },
        { env: 'prod', ENV: 'dev' },
        { Env: 'dev', env: 'prod' },
      ])
        assert.equal(outcomeOf('Deny', is, tags), 'denies', JSON.stringify([key, tags]));
      assert.equal(outcomeOf('Deny', isNot, { env: 'prod', Env: 'dev' }), 'denies');
      assert.equal(outcomeOf('Deny', isNot, { env: 'prod', Env: 'prod' }), 'silent');
      assert.equal(outcomeOf('Allow', is, { env: 'prod', Env: 'dev' }), 'silent');
      assert.equal(outcomeOf('Allow', isNot, { env: 'prod', Env: 'dev' }), 'silent');
      assert.equal(outcomeOf('Allow', is, { Env: 'prod' }), 'allows');
      assert.equal(outcomeOf('Deny', { Null: { [key]: 'false' } }, { ENV: '' }), 'denies');
    }
  });

  it('deny whenever one statement that fits denies, in whatever order they stand', () => {
    verifies('authz:policy-evaluation');
    const random = seededWhole(7);
    const pick = <Value>(values: readonly Value[]): Value => values[random(values.length)] as Value;
    const principals = [
      '*',
      { AWS: user('ann') },
      { AWS: user('bob') },
      { AWS: accountId },
      { AWS: session },
    ];
    const patterns = [
      '*',
      'bedrock-agentcore:*',
      'bedrock-agentcore:Invoke*',
      'bedrock-agentcore:GetAgentRuntime',
    ];
    const conditions = [
      {},
      { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
      { Null: { 'aws:SourceIp': 'true' } },
    ];
    const seen = new Map<string, number>();
    for (let round = 0; round < 2_000; round += 1) {
      const statements = Array.from({ length: 1 + random(5) }, () => ({
        Effect: pick(['Allow', 'Allow', 'Deny']),
        Principal: pick(principals),
        Action: pick(patterns),
        Condition: pick(conditions),
      }));
      const request = {
        caller: pick([ann, agent, bearer]),
        action: pick(knownActions),
        keys: pick([{}, { 'aws:sourceip': '10.1.1.1' }, { 'aws:sourceip': '192.0.2.1' }]),
      };
      const alone = statements.map((statement) => outcome([statement], request));
      const expected = alone.includes('denies') ? 'denies' : alone.includes('allows') ? 'allows' : 'silent';
      const shuffled = statements.toSorted(() => random(3) - 1);
      assert.equal(outcome(statements, request), expected, JSON.stringify([statements, request]));
      assert.equal(outcome(shuffled, request), expected);
      // Taking a denial away never takes a permission away; adding a permission never makes a denial.
      const without = statements.filter(({ Effect }) => Effect === 'Allow');
      if (without.length > 0 && expected === 'allows') assert.equal(outcome(without, request), 'allows');
      const more = [...statements, { Effect: 'Allow', Principal: '*', Action: '*', Condition: {} }];
      assert.equal(outcome(more, request), expected === 'denies' ? 'denies' : 'allows');
      seen.set(expected, (seen.get(expected) ?? 0) + 1);
    }
    for (const kind of ['denies', 'allows', 'silent']) assert.ok((seen.get(kind) ?? 0) > 100, kind);
  });

  it('compare patterns as a regular expression would, and in time', () => {
    const random = seededWhole(11);
    const text = (alphabet: string, most: number) =>
      Array.from({ length: random(most) }, () => alphabet[random(alphabet.length)]).join('');
    for (let round = 0; round < 5_000; round += 1) {
      const [pattern, subject] = [text('ab*?', 8), text('ab', 10)];
      const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`, 's');
      assert.equal(fitsPattern(pattern, subject), expression.test(subject), `${pattern} ${subject}`);
    }
    const startedAt = performance.now();
    assert.equal(fitsPattern(`${'a*'.repeat(200)}b`, 'a'.repeat(20_000)), false);
    assert.ok(performance.now() - startedAt < 2_000);
  });
});

describe('a policy that is put', () => {
  const refused = (text: string, message: RegExp) =>
    assert.throws(() => readPolicy(text, { resourceArn, accountId, knownActions }), {
      code: 'validation',
      message,
    });
  const of = (statement: Statement) =>
    JSON.stringify({ Version: '2012-10-17', Statement: [{ ...base, ...statement }] });

  it('is refused when Berth would not follow it to the letter', () => {
    verifies('authz:policy-understood');
    const cases: readonly (readonly [Statement, RegExp])[] = [
      [
        { Condition: { StringEquals: { 'aws:SourceVpc': 'vpc-1' } } },
        /does not know the condition key 'aws:SourceVpc'/,
      ],
      [{ Condition: { StringEquals: { 'aws:PrincipalTag/a': 'b' } } }, /condition key 'aws:PrincipalTag/],
      [{ Condition: { NumericEquals: { 'aws:username': '1' } } }, /operator 'NumericEquals'/],
      [{ Condition: { 'ForAnyValue:StringEquals': { 'aws:username': 'a' } } }, /operator 'ForAnyValue/],
      [{ Condition: { NullIfExists: { 'aws:username': 'true' } } }, /operator 'NullIfExists'/],
      [{ Condition: { IpAddress: { 'aws:PrincipalArn': '10.0.0.0/8' } } }, /of another type/],
      [{ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/33' } } }, /no IP address/],
      [{ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0' } } }, /no IP address/],
      [{ Condition: { StringEquals: { 'aws:username': '${aws:PrincipalTag/x}' } } }, /policy variable/],
      [{ Condition: { StringEquals: { 'aws:username': [] } } }, /no value/],
      [{ Condition: { StringEquals: { 'aws:username': 7 } } }, /no text/],
      [{ Condition: { Bool: { 'aws:SecureTransport': 'yes' } } }, /neither true nor false/],
      [{ Condition: { DateLessThan: { 'aws:CurrentTime': 'tomorrow' } } }, /no time/],
      [{ Condition: [] }, /must be a JSON object/],
      [{ Principal: undefined, NotPrincipal: { AWS: user('ann') } }, /NotPrincipal/],
      [{ Principal: undefined }, /Principal must be/],
      [{ Principal: { Service: 'lambda.amazonaws.com' } }, /no Service calls this server/],
      [{ Principal: { AWS: user('*') } }, /is no principal/],
      [{ Principal: { AWS: '999999999999' } }, /not that of this server/],
      [{ Principal: { AWS: [] } }, /must be text/],
      [{ Action: 'bedrock-agentcore:InvokeAgentRuntimes' }, /is no action/],
      [{ Action: 's3:*' }, /is no action/],
      [{ NotAction: '*' }, /either Action or NotAction/],
      [{ Resource: '*' }, /must be exactly/],
      [{ Resource: [resourceArn, `${resourceArn}/runtime-endpoint/DEFAULT`] }, /must be exactly/],
      [{ Resource: undefined, NotResource: resourceArn }, /NotResource/],
      [{ Effect: 'allow' }, /Effect must be/],
      [{ Conditions: {} }, /'Conditions', which is no member/],
      [{ Sid: 'a b' }, /Sid must be/],
    ];
    for (const [statement, message] of cases) refused(of(statement), message);
    refused('{', /not JSON/);
    refused('[]', /must be a JSON object/);
    refused(JSON.stringify({ Statement: [base] }), /Version must be/);
    refused(JSON.stringify({ Version: '2012-10-17', Statement: [] }), /no Statement/);
    refused(JSON.stringify({ Version: '2012-10-17', Statement: [base], Other: 1 }), /'Other'/);
    const twice = { ...base, Sid: 'a' };
    refused(JSON.stringify({ Version: '2012-10-17', Statement: [twice, twice] }), /the Sid 'a'/);
    const keys = { 'aws:ResourceTag/Env': 'a', 'aws:resourceTag/env': 'b' };
    refused(of({ Condition: { StringEquals: keys } }), /'aws:resourceTag\/env' twice/);
    refused(of({}).replace('"Allow"', '"Deny","Effect"   :  "Allow"'), /'Effect' is there twice/);
    refused(of({}).replace('"Allow"', '"Deny","\\u0045ffect":"Allow"'), /'Effect' is there twice/);
  });

  it('has at most 20 KB and 100 statements', () => {
    verifies('authz:policy-quotas');
    const many = (count: number) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: Array.from({ length: count }, () => ({ ...base, Resource: resourceArn })),
      });
    assert.ok(many(100).length < 20_480);
    assert.equal(readPolicy(many(100), { resourceArn, accountId, knownActions }).statements.length, 100);
    refused(many(101), /101 statements/);
    const padded = (bytes: number) => of({}).padEnd(bytes, ' ');
    readPolicy(padded(20_480), { resourceArn, accountId, knownActions });
    refused(padded(20_481), /more than 20480 bytes/);
  });
});
