import type { z } from 'zod';
import type { KeyPrincipal } from '../../auth/principal.ts';
import { BerthError } from '../../shared/errors.ts';

/** A request of Berth's own API whose caller is proven and authorised. */
export interface AdminRequest {
  readonly principal: KeyPrincipal;
  readonly requestId: string;
  /** Decoded parts of the path. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
}

export type AdminAnswer =
  | { readonly kind: 'json'; readonly status?: number; readonly value: object }
  | { readonly kind: 'empty' }
  | { readonly kind: 'metrics'; readonly text: string }
  | { readonly kind: 'text'; readonly lines: AsyncIterable<string> };

/** One call of the API. `action` is what `authorize` is asked for; docs/admin-api.md lists all. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below /berth/v1; `:name` stands for one part. */
  readonly path: string;
  readonly action: `berth:${string}`;
  /** The runtime that a request is about, as its caller wrote it; undefined: none, or all. */
  runtimeIdOf?(request: Pick<AdminRequest, 'params' | 'query'>): string | undefined;
  answer(request: AdminRequest): Promise<AdminAnswer>;
}

export function json(value: object, status = 200): AdminAnswer {
  return { kind: 'json', status, value };
}

export const metricsType = 'text/plain; version=0.0.4; charset=utf-8';

/** For `runtimeIdOf`. */
export function runtimeIdInPath({ params }: Pick<AdminRequest, 'params'>): string | undefined {
  return params['runtimeId'];
}

/** For `runtimeIdOf`. */
export function runtimeIdInQuery({ query }: Pick<AdminRequest, 'query'>): string | undefined {
  return query.get('runtimeId') ?? undefined;
}

export const emptyAnswer: AdminAnswer = { kind: 'empty' };

/** The parameters of the query, each given once. */
export function readQuery<Value>(schema: z.ZodType<Value>, query: URLSearchParams): Value {
  const values: Record<string, string> = {};
  for (const [name, value] of query) {
    if (Object.hasOwn(values, name)) throw refused([{ name, message: 'Must be given once.' }]);
    values[name] = value;
  }
  return check(schema, values);
}

export function readJson<Value>(schema: z.ZodType<Value>, body: Uint8Array): Value {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    throw new BerthError('validation', 'The body of the request is not JSON.', {
      cause: error,
      reason: 'CannotParse',
    });
  }
  return check(schema, value);
}

function check<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refused(result.error.issues.map(({ path, message }) => ({ name: path.join('.'), message })));
}

function refused(fields: readonly { name: string; message: string }[]): BerthError {
  const told = fields.map(({ name, message }) => (name === '' ? message : `${name}: ${message}`)).join('; ');
  return new BerthError('validation', `The request is not valid. ${told}`, {
    reason: 'FieldValidationFailed',
    fields,
  });
}
