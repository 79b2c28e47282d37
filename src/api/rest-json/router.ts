import type { ServiceOperation } from '../model/service-operation.ts';
import { BerthError } from '../../shared/errors.ts';

export interface RouteMatch {
  readonly operation: ServiceOperation;
  /** Path labels by their name in the template, decoded once. */
  readonly labels: Readonly<Record<string, string>>;
  /** The query as it arrived, without `?`. */
  readonly rawQuery: string;
}

export interface Router {
  /**
   * Finds the operation by the raw, still encoded path: an ARN is one percent-encoded segment, and a trailing slash may be there
   * or not. Throws `unknown-operation`, or `validation` when a label is not valid percent-encoded UTF-8.
   */
  match(method: string, rawUrl: string): RouteMatch;
  /** The operation alone; undefined where there is none. */
  operationAt(method: string, rawUrl: string): ServiceOperation | undefined;
}

interface Node {
  readonly literals: Map<string, Node>;
  label: Node | undefined;
  readonly routes: Map<string, Route>;
}

interface Route {
  readonly operation: ServiceOperation;
  readonly labelNames: readonly string[];
}

export function createRouter(operations: readonly ServiceOperation[]): Router {
  const root = newNode();
  for (const operation of operations) addRoute(root, operation);
  const find = (method: string, rawPath: string) => {
    const segments = segmentsOf(rawPath);
    return segments && findRoute(root, segments, 0, [], method);
  };
  return {
    operationAt: (method, rawUrl) => find(method, splitUrl(rawUrl).rawPath)?.route.operation,
    match(method, rawUrl) {
      const { rawPath, rawQuery } = splitUrl(rawUrl);
      const found = find(method, rawPath);
      if (!found) {
        throw new BerthError(
          'unknown-operation',
          `No operation of Amazon Bedrock AgentCore is served at ${method} ${shown(rawPath)}.`,
        );
      }
      const labels = found.route.labelNames.map((name, index) => [
        name,
        decodeLabel(name, found.values[index] ?? ''),
      ]);
      return { operation: found.route.operation, labels: Object.fromEntries(labels), rawQuery };
    },
  };
}

function newNode(): Node {
  return { literals: new Map(), label: undefined, routes: new Map() };
}

function addRoute(root: Node, operation: ServiceOperation): void {
  const labelNames: string[] = [];
  let node = root;
  for (const segment of segmentsOf(operation.uri) ?? []) {
    if (segment.startsWith('{')) {
      labelNames.push(segment.slice(1, -1));
      node = node.label ??= newNode();
    } else {
      const next = node.literals.get(segment) ?? newNode();
      node.literals.set(segment, next);
      node = next;
    }
  }
  node.routes.set(operation.method, { operation, labelNames });
}

/** A literal segment is preferred to a label. */
function findRoute(
  node: Node,
  segments: readonly string[],
  index: number,
  values: readonly string[],
  method: string,
): { route: Route; values: readonly string[] } | undefined {
  const segment = segments[index];
  if (segment === undefined) {
    const route = node.routes.get(method);
    return route && { route, values };
  }
  const literal = node.literals.get(segment);
  const found = literal && findRoute(literal, segments, index + 1, values, method);
  if (found || node.label === undefined || segment === '') return found;
  return findRoute(node.label, segments, index + 1, [...values, segment], method);
}

function splitUrl(rawUrl: string): { rawPath: string; rawQuery: string } {
  const mark = rawUrl.indexOf('?');
  return mark < 0
    ? { rawPath: rawUrl, rawQuery: '' }
    : { rawPath: rawUrl.slice(0, mark), rawQuery: rawUrl.slice(mark + 1) };
}

function segmentsOf(path: string): string[] | undefined {
  if (!path.startsWith('/')) return undefined;
  const segments = path.slice(1).split('/');
  if (segments.at(-1) === '') segments.pop();
  return segments;
}

function decodeLabel(name: string, raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    const message = `The value of '${name}' in the path is not valid percent-encoded UTF-8.`;
    throw new BerthError('validation', message, { reason: 'CannotParse', fields: [{ name, message }] });
  }
}

function shown(rawPath: string): string {
  return rawPath.length > 200 ? `${rawPath.slice(0, 200)}...` : rawPath;
}
