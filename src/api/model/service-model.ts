import { readFileSync } from 'node:fs';

/** The trimmed model of one AWS service, as `scripts/update-service-model.ts` writes it. */
export interface ServiceModel {
  readonly serviceId: string;
  readonly apiVersion: string;
  readonly source: {
    readonly package: string;
    readonly version: string;
    readonly licence: string;
    readonly notice: string;
    readonly changes: string;
  };
  readonly operations: Readonly<Record<string, OperationModel>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}

export interface OperationModel {
  readonly method: string;
  /** Path template: `/runtimes/{agentRuntimeId}/`. */
  readonly uri: string;
  /** HTTP status of success. */
  readonly status: number;
  /** Names of structure shapes. */
  readonly input?: string;
  readonly output?: string;
  /** Names of the exceptions it may answer. */
  readonly errors: readonly string[];
  readonly readonly?: boolean;
}

export type TimestampFormat = 'iso8601' | 'unixTimestamp' | 'rfc822';

export interface MemberModel {
  readonly shape: string;
  /** Absent: in the JSON body. */
  readonly location?: 'uri' | 'querystring' | 'header' | 'headers' | 'statusCode';
  /** Name on the wire when it differs from the member's. */
  readonly locationName?: string;
  readonly idempotencyToken?: boolean;
  readonly timestampFormat?: TimestampFormat;
}

interface Guarded {
  /** The value must not be repeated in an error. */
  readonly sensitive?: boolean;
}

export interface StringShape extends Guarded {
  readonly type: 'string';
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
}

export interface NumberShape extends Guarded {
  readonly type: 'integer' | 'long' | 'float' | 'double';
  readonly min?: number;
  readonly max?: number;
}

interface BooleanShape extends Guarded {
  readonly type: 'boolean';
}

interface BlobShape extends Guarded {
  readonly type: 'blob';
  readonly min?: number;
  readonly max?: number;
  readonly streaming?: boolean;
}

export interface TimestampShape extends Guarded {
  readonly type: 'timestamp';
  readonly timestampFormat?: TimestampFormat;
}

export interface ListShape extends Guarded {
  readonly type: 'list';
  readonly member: MemberModel;
  readonly min?: number;
  readonly max?: number;
}

export interface MapShape extends Guarded {
  readonly type: 'map';
  readonly key: MemberModel;
  readonly value: MemberModel;
  readonly min?: number;
  readonly max?: number;
}

export interface StructureShape extends Guarded {
  readonly type: 'structure';
  readonly members: Readonly<Record<string, MemberModel>>;
  readonly required?: readonly string[];
  /** Exactly one member is set. */
  readonly union?: boolean;
  /** Any JSON value. */
  readonly document?: boolean;
  /** The member that is the whole body. */
  readonly payload?: string;
  readonly eventstream?: boolean;
}

export type Shape =
  | StringShape
  | NumberShape
  | BooleanShape
  | BlobShape
  | TimestampShape
  | ListShape
  | MapShape
  | StructureShape;

export type Plane = 'control' | 'data';

export function loadServiceModel(plane: Plane): ServiceModel {
  const text = readFileSync(new URL(`./generated/${plane}.json`, import.meta.url), 'utf8');
  return JSON.parse(text) as ServiceModel;
}
