import type { ServiceModel, Shape, StructureShape } from '../src/api/model/service-model.ts';

const header = (source: string) =>
  `// Made by scripts/update-service-model.ts from ${source} (Apache-2.0). Do not edit.\n\n`;
const oneOf = `/** Exactly one of the members. */
type OneOf<Members> = {
  [Name in keyof Members]: { readonly [Only in Name]: Members[Name] } & {
    readonly [Other in Exclude<keyof Members, Name>]?: undefined;
  };
}[keyof Members];

`;

/** The TypeScript types of a service's structures and enums: times are Date, blobs bytes, documents unknown. */
export function emitShapeTypes(model: ServiceModel): string {
  const declarations = Object.keys(model.shapes)
    .sort()
    .map((name) => declaration(model, name))
    .filter((text) => text !== undefined);
  return `${header(sourceOf(model))}${oneOf}${declarations.join('\n')}`;
}

/** `OperationName`, `OperationInputs` and `OperationOutputs` over every operation of the services. */
export function emitOperationTypes(services: readonly { file: string; model: ServiceModel }[]): string {
  const entries = services
    .flatMap(({ file, model }) =>
      Object.entries(model.operations).map(([name, { input, output }]) => ({ name, file, input, output })),
    )
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const map = (side: 'input' | 'output') =>
    entries
      .map(
        (entry) =>
          `  ${entry.name}: ${entry[side] === undefined ? 'Readonly<Record<string, never>>' : `${entry.file}.${entry[side]}`};\n`,
      )
      .join('');
  const sources = [...new Set(services.map(({ model }) => sourceOf(model)))].join(', ');
  return `${header(sources)}${services.map(({ file }) => `import type * as ${file} from './${file}-shapes.ts';\n`).join('')}
export type * from './control-shapes.ts';
/** Shapes of the data plane: many share a name, but not a form, with one of the control plane. */
export type * as DataPlane from './data-shapes.ts';

export interface OperationInputs {
${map('input')}}

export interface OperationOutputs {
${map('output')}}

export type OperationName = keyof OperationInputs;
`;
}

function sourceOf(model: ServiceModel): string {
  return `${model.source.package} ${model.source.version}`;
}

function declaration(model: ServiceModel, name: string): string | undefined {
  const shape = model.shapes[name];
  if (shape?.type === 'string' && shape.enum) return `export type ${name} = ${literals(shape.enum)};\n`;
  if (shape?.type !== 'structure' || shape.document) return undefined;
  if (shape.union) return `export type ${name} = OneOf<{\n${members(model, shape, false)}}>;\n`;
  if (Object.keys(shape.members).length === 0)
    return `export type ${name} = Readonly<Record<string, never>>;\n`;
  return `export interface ${name} {\n${members(model, shape, true)}}\n`;
}

function members(model: ServiceModel, shape: StructureShape, canBeAbsent: boolean): string {
  const required = new Set(shape.required);
  return Object.entries(shape.members)
    .map(([name, member]) => {
      const type = typeOf(model, member.shape);
      if (!canBeAbsent) return `  ${name}: ${type};\n`;
      return required.has(name)
        ? `  readonly ${name}: ${type};\n`
        : `  readonly ${name}?: ${type} | undefined;\n`;
    })
    .join('');
}

function typeOf(model: ServiceModel, name: string): string {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`The model names the shape ${name} but does not hold it`);
  switch (shape.type) {
    case 'string':
      return shape.enum ? name : 'string';
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'blob':
      return 'Uint8Array';
    case 'timestamp':
      return 'Date';
    case 'list':
      return `readonly ${elementOf(typeOf(model, shape.member.shape))}[]`;
    case 'map':
      return `Readonly<Record<string, ${typeOf(model, shape.value.shape)}>>`;
    case 'structure':
      return structureType(shape, name);
    default:
      throw new Error(
        `The shape ${name} has the type ${(shape as Shape).type}, which this script does not know`,
      );
  }
}

function structureType(shape: StructureShape, name: string): string {
  if (shape.document) return 'unknown';
  return shape.eventstream ? `AsyncIterable<${name}>` : name;
}

function elementOf(type: string): string {
  return type.startsWith('readonly ') ? `(${type})` : type;
}

function literals(values: readonly string[]): string {
  return values.map((value) => JSON.stringify(value)).join(' | ');
}
