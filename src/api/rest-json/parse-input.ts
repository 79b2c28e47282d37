import type { IncomingHttpHeaders } from 'node:http';
import type { MemberModel } from '../model/service-model.ts';
import { shapeNamed, type ServiceOperation } from '../model/service-operation.ts';
import { BerthError } from '../../shared/errors.ts';
import type { Check, Patterns } from './constraints.ts';
import { decodeJsonObject } from './decode-json.ts';
import { Problems } from './problems.ts';
import { readJson, readMembers } from './read-json.ts';
import { readText } from './read-text.ts';

export interface WireInput {
  readonly labels: Readonly<Record<string, string>>;
  /** The query as it arrived, without `?`. */
  readonly rawQuery: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Uint8Array;
}

/**
 * The typed input of one request, checked against the model. Throws one `validation` that names every member that is wrong; what
 * cannot be read at all (JSON, UTF-8, percent-encoding) is refused first, with the reason CannotParse.
 */
export function parseInput(
  operation: ServiceOperation,
  wire: WireInput,
  patterns: Patterns,
): Readonly<Record<string, unknown>> {
  const check: Check = { problems: new Problems(), patterns };
  const input = { ...readOutside(operation, wire, check), ...readBody(operation, wire.body, check) };
  check.problems.throwIfAny();
  return input;
}

function readOutside(operation: ServiceOperation, wire: WireInput, check: Check): Record<string, unknown> {
  const query = parseQuery(wire.rawQuery);
  const required = new Set(operation.input.required);
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(operation.input.members)) {
    if (member.location === undefined) continue;
    const texts = textsOf(member, member.locationName ?? name, wire, query);
    if (texts.length > 0) result[name] = readText(member, texts, name, operation.shapes, check);
    else if (required.has(name)) check.problems.add(name, null, 'Member must not be null');
  }
  return result;
}

function textsOf(member: MemberModel, wireName: string, wire: WireInput, query: Query): readonly string[] {
  if (member.location === 'uri') return [wire.labels[wireName] ?? ''];
  if (member.location === 'querystring') return query.get(wireName) ?? [];
  const header = wire.headers[wireName.toLowerCase()];
  if (header === undefined) return [];
  return typeof header === 'string' ? [header] : header;
}

function readBody(operation: ServiceOperation, body: Uint8Array, check: Check): Record<string, unknown> {
  const { input, shapes } = operation;
  const reading = { shapes, check, path: '', isSecret: false };
  if (input.payload === undefined) {
    const isExpected = Object.values(input.members).some((member) => member.location === undefined);
    return isExpected ? readMembers(input, decodeJsonObject(body), reading) : {};
  }
  const member = input.members[input.payload];
  if (member === undefined) throw new Error(`${operation.name} has a payload that is not a member`);
  if (shapeNamed(shapes, member.shape).type === 'blob') return { [input.payload]: body };
  return { [input.payload]: readJson(member, decodeJsonObject(body), { ...reading, path: input.payload }) };
}

type Query = ReadonlyMap<string, readonly string[]>;

function parseQuery(rawQuery: string): Query {
  const query = new Map<string, string[]>();
  for (const pair of rawQuery.split('&')) {
    if (pair === '') continue;
    const mark = pair.indexOf('=');
    const name = decode(mark < 0 ? pair : pair.slice(0, mark));
    const value = mark < 0 ? '' : decode(pair.slice(mark + 1));
    query.set(name, [...(query.get(name) ?? []), value]);
  }
  return query;
}

function decode(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch (error) {
    throw new BerthError('validation', 'The query string is not valid percent-encoded UTF-8.', {
      reason: 'CannotParse',
      cause: error,
    });
  }
}
