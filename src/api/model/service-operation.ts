import type { OperationName } from './generated/types.ts';
import { relax } from './relaxations.ts';
import { markSecrets } from './secret-shapes.ts';
import { loadServiceModel, type Plane, type Shape, type StructureShape } from './service-model.ts';

export type Shapes = Readonly<Record<string, Shape>>;

/** One operation of the two services, with the shapes that its names refer to. */
export interface ServiceOperation {
  readonly name: OperationName;
  readonly plane: Plane;
  readonly method: string;
  /** Path template: `/runtimes/{agentRuntimeId}/`. */
  readonly uri: string;
  /** HTTP status of success. */
  readonly status: number;
  readonly input: StructureShape;
  readonly output: StructureShape;
  /** Names of the exceptions it may answer. */
  readonly errors: readonly string[];
  readonly kind: 'mutation' | 'get' | 'list';
  readonly shapes: Shapes;
}

/** Every operation of both planes. No method and path pair, and no name, occurs in both. */
export function loadServiceOperations(): readonly ServiceOperation[] {
  return (['control', 'data'] as const).flatMap((plane) => {
    const model = loadServiceModel(plane);
    const shapes = markSecrets(plane, relax(plane, model.shapes));
    return Object.entries(model.operations).map(([name, operation]) => ({
      name: name as OperationName,
      plane,
      method: operation.method,
      uri: operation.uri,
      status: operation.status,
      input: structureNamed(shapes, operation.input),
      output: structureNamed(shapes, operation.output),
      errors: operation.errors,
      kind: kindOf(name, operation.readonly === true),
      shapes,
    }));
  });
}

export function shapeNamed(shapes: Shapes, name: string): Shape {
  const shape = shapes[name];
  if (shape === undefined) throw new Error(`The service model holds no shape ${name}`);
  return shape;
}

function structureNamed(shapes: Shapes, name: string | undefined): StructureShape {
  if (name === undefined) return { type: 'structure', members: {} };
  const shape = shapeNamed(shapes, name);
  if (shape.type !== 'structure')
    throw new Error(`The service model's ${name} is a ${shape.type}, not a structure`);
  return shape;
}

function kindOf(name: string, isReadonly: boolean): ServiceOperation['kind'] {
  if (!isReadonly) return 'mutation';
  return name.startsWith('List') ? 'list' : 'get';
}
