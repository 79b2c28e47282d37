import type { ListShape, MapShape, MemberModel, Shape, StructureShape } from '../model/service-model.ts';
import { shapeNamed, type Shapes } from '../model/service-operation.ts';
import { checkLength, checkNumber, checkText, type Check } from './constraints.ts';
import { readTimestamp, timestampFormatOf } from './timestamp.ts';

/** One value of a JSON body on its way in. */
interface Reading {
  readonly shapes: Shapes;
  readonly check: Check;
  /** Path of the value from the request's top: `a.b`, `a[0]`, `a.key`. */
  readonly path: string;
  readonly isSecret: boolean;
}

/** Turns a JSON value into the typed one of `member`; what does not fit is added to the problems and left out. */
export function readJson(member: MemberModel, value: unknown, reading: Reading): unknown {
  const shape = shapeNamed(reading.shapes, member.shape);
  const isSecret = reading.isSecret || shape.sensitive === true;
  return readShape(shape, member, value, { ...reading, isSecret });
}

/** The members of `shape` that travel in the body. Unknown ones are ignored; absent required ones are a problem. */
export function readMembers(
  shape: StructureShape,
  source: Record<string, unknown>,
  reading: Reading,
): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  const required = new Set(shape.required);
  for (const [name, member] of Object.entries(shape.members)) {
    if (member.location !== undefined || name === shape.payload) continue;
    const wireName = member.locationName ?? name;
    const value = Object.hasOwn(source, wireName) ? source[wireName] : undefined;
    const path = reading.path === '' ? name : `${reading.path}.${name}`;
    if (value === undefined || value === null) {
      if (required.has(name)) reading.check.problems.add(path, null, 'Member must not be null');
      continue;
    }
    const read = readJson(member, value, { ...reading, path });
    if (read !== undefined) result[name] = read;
  }
  return result;
}

function readShape(shape: Shape, member: MemberModel, value: unknown, reading: Reading): unknown {
  const { check, path, isSecret } = reading;
  switch (shape.type) {
    case 'string':
      if (typeof value !== 'string') return refuse('a string', value, reading);
      checkText(shape, value, path, check, isSecret);
      return value;
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse('true or false', value, reading);
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      if (typeof value !== 'number') return refuse('a number', value, reading);
      checkNumber(shape, value, path, check, isSecret);
      return value;
    case 'timestamp': {
      const format = timestampFormatOf(member, shape);
      return readTimestamp(value, format) ?? refuse(`a timestamp in the form ${format}`, value, reading);
    }
    case 'blob': {
      const bytes = readBase64(value);
      if (bytes === undefined) return refuse('bytes in base64', value, { ...reading, isSecret: true });
      checkLength(shape, bytes.byteLength, undefined, path, check, true);
      return bytes;
    }
    case 'list':
      return readList(shape, value, reading);
    case 'map':
      return readMap(shape, value, reading);
    case 'structure':
      return readStructure(shape, value, reading);
    default:
      throw new Error(`The service model has a shape that the codec does not know at ${path}`);
  }
}

function readList(shape: ListShape, value: unknown, reading: Reading): unknown {
  const isSecret = isSecretOrHoldsOne(shape, reading);
  if (!Array.isArray(value)) return refuse('a list', value, { ...reading, isSecret });
  if (!checkLength(shape, value.length, value, reading.path, reading.check, isSecret)) return undefined;
  return value.map((item: unknown, index) =>
    readElement(shape.member, item, { ...reading, path: `${reading.path}[${index}]` }),
  );
}

function readMap(shape: MapShape, value: unknown, reading: Reading): unknown {
  const isSecret = isSecretOrHoldsOne(shape, reading);
  if (!isObject(value)) return refuse('an object', value, { ...reading, isSecret });
  const entries = Object.entries(value);
  if (!checkLength(shape, entries.length, value, reading.path, reading.check, isSecret)) return undefined;
  return Object.fromEntries(
    entries.map(([key, item]) => {
      const below = { ...reading, path: `${reading.path}.${shortened(key)}` };
      readJson(shape.key, key, below);
      return [key, readElement(shape.value, item, below)];
    }),
  );
}

function readStructure(shape: StructureShape, value: unknown, reading: Reading): unknown {
  if (shape.document) return value;
  if (!isObject(value))
    return refuse('an object', value, { ...reading, isSecret: isSecretOrHoldsOne(shape, reading) });
  const result = readMembers(shape, value, reading);
  if (shape.union) checkUnion(shape, value, reading);
  return result;
}

/** Counts the members that were sent, so that a wrong one is not also reported as absent. */
function checkUnion(shape: StructureShape, value: Record<string, unknown>, reading: Reading): void {
  const wireNames = Object.entries(shape.members).map(([name, member]) => member.locationName ?? name);
  const sent = wireNames.filter(
    (name) => Object.hasOwn(value, name) && value[name] !== undefined && value[name] !== null,
  );
  if (sent.length === 1) return;
  const constraint = `Member must have exactly one of: [${wireNames.join(', ')}]`;
  reading.check.problems.add(reading.path, sent, constraint, reading.isSecret);
}

function readElement(member: MemberModel, value: unknown, reading: Reading): unknown {
  if (value === null) return refuseNull(reading);
  return readJson(member, value, reading);
}

function refuseNull(reading: Reading): undefined {
  reading.check.problems.add(reading.path, null, 'Member must not be null');
  return undefined;
}

function refuse(expected: string, value: unknown, reading: Reading): undefined {
  reading.check.problems.add(reading.path, value, `Member must be ${expected}`, reading.isSecret);
  return undefined;
}

/** A value in the wrong form may hold its secrets all the same. */
function isSecretOrHoldsOne(shape: Shape, { shapes, isSecret }: Reading): boolean {
  if (isSecret) return true;
  const seen = new Set<Shape>();
  const holds = (below: Shape): boolean => {
    if (below.sensitive === true) return true;
    if (seen.has(below)) return false;
    seen.add(below);
    return membersOf(below).some((member) => holds(shapeNamed(shapes, member.shape)));
  };
  return holds(shape);
}

function membersOf(shape: Shape): readonly MemberModel[] {
  switch (shape.type) {
    case 'list':
      return [shape.member];
    case 'map':
      return [shape.key, shape.value];
    case 'structure':
      return Object.values(shape.members);
    default:
      return [];
  }
}

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

function readBase64(value: unknown): Uint8Array | undefined {
  return typeof value === 'string' && base64.test(value)
    ? Uint8Array.from(Buffer.from(value, 'base64'))
    : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shortened(key: string): string {
  return key.length > 128 ? `${key.slice(0, 128)}...` : key;
}
