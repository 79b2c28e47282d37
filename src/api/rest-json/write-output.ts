import type { MemberModel, Shape, StructureShape } from '../model/service-model.ts';
import { shapeNamed, type ServiceOperation, type Shapes } from '../model/service-operation.ts';
import { timestampFormatOf, writeTimestamp } from './timestamp.ts';

/** A complete answer; as JSON text it can be remembered. */
export interface WireAnswer {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  /** `undefined`: no body, as a 204 requires. */
  readonly body: string | undefined;
}

/** The answer that carries a handler's output; undefined members are left out. Streams are not for this codec. */
export function writeOutput(
  operation: ServiceOperation,
  output: Readonly<Record<string, unknown>>,
): WireAnswer {
  const { shapes } = operation;
  const headers: Record<string, string> = {};
  let status = operation.status;
  for (const [name, member] of Object.entries(operation.output.members)) {
    const value = output[name];
    if (value === undefined || value === null) continue;
    if (member.location === 'statusCode') status = Number(value);
    if (member.location === 'header') {
      headers[(member.locationName ?? name).toLowerCase()] = String(writeMember(member, value, shapes));
    }
  }
  if (status === 204) return { status, headers, body: undefined };
  return {
    status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(bodyOf(operation, output)),
  };
}

function bodyOf(operation: ServiceOperation, output: Readonly<Record<string, unknown>>): unknown {
  const payload = operation.output.payload;
  if (payload === undefined) return writeStructure(operation.output, output, operation.shapes);
  const member = operation.output.members[payload];
  const shape = member && shapeNamed(operation.shapes, member.shape);
  if (member === undefined || shape?.type !== 'structure' || shape.eventstream) {
    throw new Error(`${operation.name} answers with a stream, which the JSON codec does not write`);
  }
  return writeMember(member, output[payload] ?? {}, operation.shapes);
}

function writeMember(member: MemberModel, value: unknown, shapes: Shapes): unknown {
  const shape: Shape = shapeNamed(shapes, member.shape);
  if (shape.type === 'timestamp') return writeTimestamp(value as Date, timestampFormatOf(member, shape));
  if (shape.type === 'blob') return Buffer.from(value as Uint8Array).toString('base64');
  if (shape.type === 'list')
    return (value as readonly unknown[]).map((item) => writeMember(shape.member, item, shapes));
  if (shape.type === 'map') {
    const entries = Object.entries(value as object).filter(([, item]) => item !== undefined);
    return Object.fromEntries(entries.map(([key, item]) => [key, writeMember(shape.value, item, shapes)]));
  }
  if (shape.type === 'structure' && !shape.document) {
    return writeStructure(shape, value as Record<string, unknown>, shapes);
  }
  return value;
}

/** Only members of the model leave the server, whatever else the handler's object holds. */
function writeStructure(
  shape: StructureShape,
  value: Readonly<Record<string, unknown>>,
  shapes: Shapes,
): unknown {
  const entries = Object.entries(shape.members)
    .filter(
      ([name, member]) => member.location === undefined && value[name] !== undefined && value[name] !== null,
    )
    .map(([name, member]) => [member.locationName ?? name, writeMember(member, value[name], shapes)]);
  return Object.fromEntries(entries);
}
