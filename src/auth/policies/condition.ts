import { BlockList, isIP } from 'node:net';
import { fitsPattern } from '../wildcard.ts';
import { type ConditionContext, knownKeys, type KeyType, readConditionKey } from './condition-keys.ts';

/** One operator over one key: whether it holds of a request. */
export type Condition = (context: ConditionContext) => boolean;

/** What is wrong with a policy, in words for its author. */
export class PolicyProblem extends Error {}

export type Effect = 'Allow' | 'Deny';

type Test = (actual: string) => boolean;

interface Operator {
  readonly types: readonly KeyType[];
  /** Holds when no value fits; also of a request without the key. */
  readonly isNegated: boolean;
  /** Throws a `PolicyProblem` for a value that it cannot compare with. */
  readonly testOf: (value: string) => Test;
}

const texts: readonly KeyType[] = ['string', 'arn'];

const positives: Readonly<Record<string, Omit<Operator, 'isNegated'>>> = {
  StringEquals: { types: texts, testOf: (value) => (actual) => actual === value },
  StringEqualsIgnoreCase: {
    types: texts,
    testOf: (value) => (actual) => actual.toLowerCase() === value.toLowerCase(),
  },
  StringLike: { types: texts, testOf: (value) => (actual) => fitsPattern(value, actual) },
  // IAM makes no difference between the two.
  ArnEquals: { types: ['arn'], testOf: arnTest },
  ArnLike: { types: ['arn'], testOf: arnTest },
  IpAddress: { types: ['ip'], testOf: addressTest },
};

const operators: ReadonlyMap<string, Operator> = new Map([
  ...Object.entries(positives).flatMap(([name, operator]): [string, Operator][] => [
    [name, { ...operator, isNegated: false }],
    [negationOf(name), { ...operator, isNegated: true }],
  ]),
  ['Bool', { types: ['bool'], isNegated: false, testOf: booleanTest }],
  ...dateOperators(),
]);

const knownOperators = [...operators.keys(), 'Null'];

/**
 * Reads one operator of a statement with its keys and values. Where a request has several values of a key, a denial needs one that
 * fits, and a permission all. Throws a `PolicyProblem` for what Berth does not know: nothing is ignored.
 */
export function readConditions(effect: Effect, name: string, keys: unknown): readonly Condition[] {
  if (typeof keys !== 'object' || keys === null || Array.isArray(keys))
    throw new PolicyProblem(`Condition ${name} must hold keys and their values.`);
  const entries: [string, unknown][] = Object.entries(keys);
  const byName = Map.groupBy(entries, ([key]) => key.toLowerCase());
  const repeated = [...byName.values()].find(({ length }) => length > 1);
  if (repeated !== undefined)
    throw new PolicyProblem(
      `Condition ${name} has the key '${repeated[1]?.[0]}' twice: case makes no difference between keys.`,
    );
  return entries.map(([key, given]) => readCondition(effect, name, key, valuesOf(name, key, given)));
}

function readCondition(effect: Effect, name: string, key: string, values: readonly string[]): Condition {
  const known = readConditionKey(key);
  if (known === undefined)
    throw new PolicyProblem(
      `Berth does not know the condition key '${key}'. It knows ${knownKeys.join(', ')}.`,
    );
  if (name === 'Null') return nullCondition(known.name, values);
  const isIfExists = name.endsWith('IfExists');
  const operator = operators.get(isIfExists ? name.slice(0, -'IfExists'.length) : name);
  if (operator === undefined)
    throw new PolicyProblem(
      `Berth does not know the condition operator '${name}'. It knows ${knownOperators.join(', ')}, each but Null also with IfExists; its keys have one value, so that there is no ForAllValues or ForAnyValue.`,
    );
  if (!operator.types.includes(known.type))
    throw new PolicyProblem(
      `The condition operator '${name}' cannot compare '${key}', which is of another type.`,
    );
  const tests = values.map((value) => operator.testOf(value));
  return ({ values: actual }) => {
    const found = actual.get(known.name);
    if (found === undefined) return isIfExists || operator.isNegated;
    const holds = (value: string) => tests.some((test) => test(value)) !== operator.isNegated;
    return effect === 'Deny' ? found.some(holds) : found.every(holds);
  };
}

/** `true`: the key is missing from the request. */
function nullCondition(key: string, values: readonly string[]): Condition {
  const tests = values.map(booleanTest);
  return ({ values: actual }) => tests.some((test) => test(String(!actual.has(key))));
}

function valuesOf(name: string, key: string, given: unknown): readonly string[] {
  const values: readonly unknown[] = Array.isArray(given) ? given : [given];
  if (values.length === 0) throw new PolicyProblem(`Condition ${name} of '${key}' has no value.`);
  return values.map((value) => {
    if (typeof value === 'boolean') return String(value);
    if (typeof value !== 'string')
      throw new PolicyProblem(`Condition ${name} of '${key}' has a value that is no text.`);
    if (value.includes('${'))
      throw new PolicyProblem(
        `Condition ${name} of '${key}' uses a policy variable (\${...}), which Berth does not know. Write the value itself.`,
      );
    return value;
  });
}

function negationOf(name: string): string {
  if (name === 'IpAddress') return 'NotIpAddress';
  return name.replace(/^(String|Arn)/, '$1Not');
}

/** Part by part: a `*` does not reach over a colon of the first five. */
function arnTest(value: string): Test {
  const expected = arnParts(value);
  if (expected.length !== 6) throw new PolicyProblem(`'${value}' is no ARN.`);
  return (actual) => {
    const parts = arnParts(actual);
    return parts.length === 6 && expected.every((part, index) => fitsPattern(part, parts[index] ?? ''));
  };
}

function arnParts(arn: string): readonly string[] {
  const parts = arn.split(':');
  return parts.length <= 6 ? parts : [...parts.slice(0, 5), parts.slice(5).join(':')];
}

function addressTest(value: string): Test {
  const [address = '', prefix, ...rest] = value.split('/');
  const family = isIP(address);
  const widest = family === 6 ? 128 : 32;
  const isPrefix = prefix === undefined || (/^[0-9]{1,3}$/.test(prefix) && Number(prefix) <= widest);
  if (family === 0 || rest.length > 0 || !isPrefix)
    throw new PolicyProblem(`'${value}' is no IP address, and no range such as 192.0.2.0/24.`);
  const list = new BlockList();
  list.addSubnet(address, prefix === undefined ? widest : Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
  return (actual) => isIP(actual) !== 0 && list.check(actual, isIP(actual) === 6 ? 'ipv6' : 'ipv4');
}

function booleanTest(value: string): Test {
  const lower = value.toLowerCase();
  if (lower !== 'true' && lower !== 'false') throw new PolicyProblem(`'${value}' is neither true nor false.`);
  return (actual) => actual === lower;
}

function dateOperators(): readonly (readonly [string, Operator])[] {
  const comparisons: Readonly<Record<string, (actual: number, value: number) => boolean>> = {
    DateEquals: (actual, value) => actual === value,
    DateLessThan: (actual, value) => actual < value,
    DateLessThanEquals: (actual, value) => actual <= value,
    DateGreaterThan: (actual, value) => actual > value,
    DateGreaterThanEquals: (actual, value) => actual >= value,
  };
  const operatorOf = (compare: (actual: number, value: number) => boolean, isNegated: boolean): Operator => ({
    types: ['date'],
    isNegated,
    testOf(text) {
      const value = timeOf(text);
      return (actual) => compare(timeOf(actual), value);
    },
  });
  return [
    ...Object.entries(comparisons).map(([name, compare]) => [name, operatorOf(compare, false)] as const),
    ['DateNotEquals', operatorOf((actual, value) => actual === value, true)],
  ];
}

function timeOf(text: string): number {
  const isIso = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text);
  const time = isIso ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time)) throw new PolicyProblem(`'${text}' is no time such as 2026-11-01T00:00:00Z.`);
  return time;
}
