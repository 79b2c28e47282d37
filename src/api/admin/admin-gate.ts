import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Authenticator } from '../../auth/authenticator.ts';
import type { Authorize } from '../../auth/authorize.ts';
import type { KeyPrincipal } from '../../auth/principal.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import { runtimeArn } from '../../runtimes/arns.ts';
import type { RandomSource, RuntimeId } from '../../shared/ids.ts';
import { accessContextOf } from '../access-context-of.ts';
import type { ControlPlaneEvents } from '../control-plane.ts';
import { drainRequest } from '../drain-request.ts';
import { toWireError } from '../errors.ts';
import { readBody } from '../read-body.ts';
import { newRequestId } from '../request-id.ts';
import { type AdminAnswer, type AdminRequest, type AdminRoute, metricsType } from './admin-request.ts';
import { matchRoute } from './admin-router.ts';

export interface AdminGateParts {
  readonly authenticator: Authenticator;
  readonly authorize: Authorize;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly events: ControlPlaneEvents;
}

export interface AdminRoutes {
  readonly root: string;
  readonly routes: readonly AdminRoute[];
}

const bodyLimit = { bytes: 64 * 1024, ms: 30_000 };

/** What every request of Berth's own API passes: proof of the caller, authorisation, one form of errors. */
export class AdminGate {
  readonly #parts: AdminGateParts & AdminRoutes;

  constructor(parts: AdminGateParts & AdminRoutes) {
    this.#parts = parts;
  }

  /** Answers one request whose body is unread; tells nothing about paths before the caller is proven. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, random, events } = this.#parts;
    const startedAtMs = clock.now();
    const requestId = newRequestId(random);
    const caller = new AbortController();
    response.once('close', () => caller.abort(new Error('The caller went away.')));
    let accessKeyId: string | undefined;
    let action: string | undefined;
    try {
      const { principal, body } = await this.#authenticate(request, requestId);
      accessKeyId = principal.accessKeyId;
      const { pathname, searchParams: query } = new URL(request.url ?? '/', 'http://berth');
      const match = matchRoute(
        this.#parts.routes,
        request.method ?? '',
        pathname.slice(this.#parts.root.length),
      );
      if (match === undefined) throw unknownPath(request);
      const { route, params } = match;
      action = route.action;
      const asked: AdminRequest = { principal, requestId, params, query, body, signal: caller.signal };
      const runtimeId = route.runtimeIdOf?.(asked);
      await this.#parts.authorize(
        principal,
        action,
        runtimeId === undefined ? pathname : runtimeArn(principal, runtimeId as RuntimeId),
        accessContextOf(request, requestId),
      );
      await send(response, requestId, await route.answer(asked));
    } catch (error) {
      await this.#refuse(request, response, requestId, error);
    }
    events.answered({
      requestId,
      operation: action,
      accessKeyId,
      status: response.statusCode,
      durationMs: clock.now() - startedAtMs,
    });
  }

  async #authenticate(
    request: IncomingMessage,
    requestId: string,
  ): Promise<{ principal: KeyPrincipal; body: Uint8Array }> {
    const { method = '', url: rawUrl = '', headers, rawHeaders, socket: connection } = request;
    const head = { method, rawUrl, headers, rawHeaders, connection, requestId };
    const pending = await this.#parts.authenticator.begin(head);
    const body = await readBody(request, this.#parts.clock, bodyLimit);
    return { principal: pending.verifyBody(createHash('sha256').update(body).digest('hex')), body };
  }

  async #refuse(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    error: unknown,
  ): Promise<void> {
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const { status, headers, body } = toWireError(error, { requestId, failures: this.#parts.events });
    const isDrained = await drainRequest(request, this.#parts.clock);
    response.writeHead(status, {
      ...headers,
      'content-length': Buffer.byteLength(body),
      ...(!isDrained && { connection: 'close' }),
    });
    response.end(body);
  }
}

async function send(response: ServerResponse, requestId: string, answer: AdminAnswer): Promise<void> {
  const headers = { 'x-amzn-requestid': requestId, 'cache-control': 'no-store' };
  switch (answer.kind) {
    case 'json': {
      const text = JSON.stringify(answer.value);
      const length = Buffer.byteLength(text);
      response.writeHead(answer.status ?? 200, {
        ...headers,
        'content-type': 'application/json',
        'content-length': length,
      });
      response.end(text);
      return;
    }
    case 'empty':
      response.writeHead(204, headers).end();
      return;
    case 'metrics':
      response.writeHead(200, { ...headers, 'content-type': metricsType });
      response.end(answer.text);
      return;
    case 'text':
      await sendLines(response, headers, answer.lines);
  }
}

/** The head goes out before the first line: a log that is followed may be silent for long. */
async function sendLines(
  response: ServerResponse,
  headers: Readonly<Record<string, string>>,
  lines: AsyncIterable<string>,
): Promise<void> {
  response.writeHead(200, { ...headers, 'content-type': 'text/plain; charset=utf-8' });
  response.flushHeaders();
  await pipeline(Readable.from(lines), response);
}

function unknownPath({ method, url }: IncomingMessage): BerthError {
  return new BerthError(
    'unknown-operation',
    `Berth's own API has no ${method ?? ''} ${url ?? ''}. docs/admin-api.md lists what it has.`,
  );
}
