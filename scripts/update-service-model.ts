/**
 * Writes src/api/model/generated/ from the service model that botocore publishes. Run by hand:
 *   node scripts/update-service-model.ts PATH   (an unpacked botocore or its wheel; the wheel needs `unzip`)
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { OperationModel, ServiceModel, Shape } from '../src/api/model/service-model.ts';
import { emitOperationTypes, emitShapeTypes } from './emit-service-types.ts';

const services = [
  { file: 'control', path: 'botocore/data/bedrock-agentcore-control/2023-06-05/service-2.json.gz' },
  { file: 'data', path: 'botocore/data/bedrock-agentcore/2024-02-28/service-2.json.gz' },
] as const;
const target = fileURLToPath(new URL('../src/api/model/generated/', import.meta.url));
const notice = 'Botocore. Copyright 2012-2022 Amazon.com, Inc. or its affiliates. All Rights Reserved.';

interface SourceOperation {
  http: { method: string; requestUri: string; responseCode: number };
  input?: { shape: string };
  output?: { shape: string };
  errors?: { shape: string }[];
  readonly?: boolean;
}
interface SourceModel {
  metadata: { serviceId: string; apiVersion: string };
  operations: Record<string, SourceOperation>;
  shapes: Record<string, Record<string, unknown>>;
}

const given = process.argv[2];
if (given === undefined || !existsSync(given)) {
  console.error('usage: node scripts/update-service-model.ts PATH-TO-BOTOCORE-OR-ITS-WHEEL');
  process.exit(2);
}
const version = versionOf(given);
const models = services.map((service) => ({
  file: service.file,
  model: trimmed(readModel(given, service.path)),
}));
for (const { file, model } of models) {
  writeFileSync(join(target, `${file}.json`), serialized(model));
  writeFileSync(join(target, `${file}-shapes.ts`), emitShapeTypes(model));
}
writeFileSync(join(target, 'types.ts'), emitOperationTypes(models));

function readModel(path: string, entry: string): SourceModel {
  return JSON.parse(gunzipSync(readEntry(path, entry)).toString('utf8')) as SourceModel;
}

function readEntry(path: string, entry: string): Buffer {
  if (path.endsWith('.whl'))
    return execFileSync('unzip', ['-p', path, entry], { maxBuffer: 64 * 1024 * 1024 });
  return readFileSync(join(path, entry));
}

function versionOf(path: string): string {
  const found = /__version__ = '([^']+)'/.exec(readEntry(path, 'botocore/__init__.py').toString('utf8'));
  if (found?.[1] === undefined) throw new Error(`${path} holds no botocore/__init__.py with a version`);
  return found[1];
}

function trimmed(source: SourceModel): ServiceModel {
  const operations = Object.entries(source.operations).map(([name, operation]) => [
    name,
    trimmedOperation(operation),
  ]);
  const shapes = Object.entries(source.shapes).map(([name, shape]) => [name, trimmedShape(shape)]);
  return {
    serviceId: source.metadata.serviceId,
    apiVersion: source.metadata.apiVersion,
    source: {
      package: 'botocore',
      version,
      licence: 'Apache-2.0',
      notice,
      changes: 'Trimmed to what routing, parsing and checking need.',
    },
    operations: Object.fromEntries(operations),
    shapes: Object.fromEntries(shapes),
  };
}

function trimmedOperation(operation: SourceOperation): OperationModel {
  return {
    method: operation.http.method,
    uri: operation.http.requestUri,
    status: operation.http.responseCode,
    ...(operation.input && { input: operation.input.shape }),
    ...(operation.output && { output: operation.output.shape }),
    errors: (operation.errors ?? []).map((error) => error.shape),
    ...(operation.readonly && { readonly: true }),
  };
}

/** Keeps the traits that the codec knows; texts, defaults of boxes and deprecations go. */
function trimmedShape(shape: Record<string, unknown>): Shape {
  const kept = [
    'type',
    'min',
    'max',
    'pattern',
    'enum',
    'required',
    'union',
    'document',
    'payload',
    'timestampFormat',
  ];
  kept.push('sensitive', 'exception', 'eventstream', 'event', 'streaming');
  const result: Record<string, unknown> = {};
  for (const key of kept) if (shape[key] !== undefined) result[key] = shape[key];
  for (const key of ['member', 'key', 'value'])
    if (shape[key] !== undefined) result[key] = trimmedMember(shape[key]);
  if (typeof shape['members'] === 'object' && shape['members'] !== null) {
    result['members'] = Object.fromEntries(
      Object.entries(shape['members']).map(([name, member]) => [name, trimmedMember(member)]),
    );
  }
  return result as unknown as Shape;
}

function trimmedMember(member: unknown): unknown {
  const source = member as Record<string, unknown>;
  const kept = ['shape', 'location', 'locationName', 'idempotencyToken', 'timestampFormat', 'eventpayload'];
  return Object.fromEntries(kept.filter((key) => source[key] !== undefined).map((key) => [key, source[key]]));
}

/** One operation or shape per line, so that an update reads well as a diff. */
function serialized(model: ServiceModel): string {
  const { operations, shapes, ...head } = model;
  const lines = (entries: object) =>
    Object.entries(entries)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)
      .join(',\n');
  return `${JSON.stringify(head).slice(0, -1)},\n"operations":{\n${lines(operations)}\n},\n"shapes":{\n${lines(shapes)}\n}}\n`;
}
