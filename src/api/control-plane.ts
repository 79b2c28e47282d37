import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Authorize } from '../auth/authorize.ts';
import type { SigningPrincipal } from '../auth/principal.ts';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { RandomSource } from '../shared/ids.ts';
import { accessContextOf } from './access-context-of.ts';
import { drainRequest } from './drain-request.ts';
import { toWireError, type Failures, wireNames } from './errors.ts';
import type { Idempotency } from './idempotency.ts';
import type { ServiceOperation } from './model/service-operation.ts';
import { type OperationRates, rateOf } from './operation-rates.ts';
import type { OperationContext, Operations } from './operation.ts';
import type { AnsweredRequest } from './answered-request.ts';
import { isDecidedByInput, permissionsOfInput } from './permissions-of-input.ts';
import type { RateLimits } from './rate-limits.ts';
import { readBody } from './read-body.ts';
import { newRequestId } from './request-id.ts';
import { inputResourceOf, resourceOf } from './resource-of.ts';
import { Patterns } from './rest-json/constraints.ts';
import { parseInput } from './rest-json/parse-input.ts';
import { createRouter, type RouteMatch, type Router } from './rest-json/router.ts';
import { writeOutput, type WireAnswer } from './rest-json/write-output.ts';

export interface ControlPlaneParts {
  /** Every operation that the model knows: see loadServiceOperations. */
  readonly model: readonly ServiceOperation[];
  readonly operations: Operations;
  readonly authenticator: Authenticator<SigningPrincipal>;
  readonly authorize: Authorize;
  readonly idempotency: Pick<Idempotency, 'run'>;
  /** Shared with the data plane, whose rate (key `ACCOUNT data`) counts its operations that are served here. */
  readonly rateLimits: Pick<RateLimits, 'take'>;
  readonly quotas: OperationRates;
  readonly events: ControlPlaneEvents;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** What the control plane tells the logs and counters. */
export interface ControlPlaneEvents extends Failures {
  answered(request: AnsweredRequest): void;
}

const bodyLimitBytes = 6 * 1024 * 1024;
const bodyLimitMs = 60_000;

/** Serves every modelled operation that is answered with one JSON body; those that are not built answer 501. */
export class ControlPlane {
  readonly #parts: ControlPlaneParts;
  readonly #router: Router;
  readonly #patterns = new Patterns();

  constructor(parts: ControlPlaneParts) {
    this.#parts = parts;
    this.#router = createRouter(parts.model);
  }

  /** Answers one request whose body is unread; never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const startedAt = this.#parts.clock.now();
    const exchange: Exchange = {
      requestId: newRequestId(this.#parts.random),
      signal: abortOnClose(response),
    };
    const answer = await this.#answer(request, exchange).catch((error: unknown) =>
      toWireError(error, {
        requestId: exchange.requestId,
        modelled: exchange.match?.operation.errors,
        failures: this.#parts.events,
      }),
    );
    const isDrained = await drainRequest(request, this.#parts.clock);
    send(response, answer, exchange.requestId, isDrained);
    this.#parts.events.answered({
      requestId: exchange.requestId,
      operation: exchange.match?.operation.name,
      ...callerOf(exchange.principal),
      status: answer.status,
      durationMs: this.#parts.clock.now() - startedAt,
    });
  }

  /** Nothing is told about paths, operations or input before the caller is proven, body included. */
  async #answer(request: IncomingMessage, exchange: Exchange): Promise<WireAnswer> {
    const { method = '', url: rawUrl = '', headers, socket: connection } = request;
    if (isBearer(headers.authorization)) this.#refuseBearer(method, rawUrl);
    const { requestId } = exchange;
    const pending = await this.#parts.authenticator.begin({ method, rawUrl, headers, connection, requestId });
    const body = await readBody(request, this.#parts.clock, { bytes: bodyLimitBytes, ms: bodyLimitMs });
    const principal = pending.verifyBody(createHash('sha256').update(body).digest('hex'));
    exchange.principal = principal;
    const match = this.#router.match(method, rawUrl);
    exchange.match = match;
    const { operation } = match;
    const { authorize } = this.#parts;
    const access = accessContextOf(request, requestId);
    // Some name in their body what they are about: what that may be is told to those only who may do it.
    const ofInput = inputResourceOf(operation.name);
    const ofPath = resourceOf(match.labels, principal);
    const isPreliminary = isDecidedByInput(operation.name);
    if (ofInput === undefined)
      await authorize(principal, operation.name, ofPath, { ...access, isPreliminary });
    this.#throttle(operation, principal);
    const run = this.#operation(operation);
    const input = parseInput(operation, { ...match, headers, body }, this.#patterns);
    const resource = ofInput?.(input, principal) ?? ofPath;
    if (ofInput !== undefined) await authorize(principal, operation.name, resource, access);
    for (const { action, newRuntime } of permissionsOfInput(operation.name, input))
      await authorize(principal, action, resource, { ...access, newRuntime });
    const context = { principal, requestId, sourceIp: access.sourceIp, signal: exchange.signal };
    return this.#parts.idempotency.run(operation, principal, input, async () =>
      writeOutput(operation, await run(input, context)),
    );
  }

  #throttle(operation: ServiceOperation, { accountId }: SigningPrincipal): void {
    const { bucket, perSecond } = rateOf(operation, this.#parts.quotas);
    this.#parts.rateLimits.take(`${accountId} ${bucket}`, perSecond);
  }

  /** No operation here takes bearer tokens. Identity's have a 401 for them (contract 2.4); of others the authenticator says 403. */
  #refuseBearer(method: string, rawUrl: string): void {
    const operation = this.#router.operationAt(method, rawUrl);
    if (operation?.errors.includes(wireNames.unauthorized.name) === true) throw bearerRefused();
  }

  /** The one place where typed operations meet parsed input: parseInput has checked it against the same model as the types. */
  #operation(operation: ServiceOperation): UntypedOperation {
    const built = this.#parts.operations[operation.name];
    if (built === undefined) {
      throw new BerthError(
        'not-implemented',
        `${operation.name} is an operation of Amazon Bedrock AgentCore that this Berth does not serve yet.`,
      );
    }
    return built as unknown as UntypedOperation;
  }
}

type UntypedOperation = (
  input: Readonly<Record<string, unknown>>,
  context: OperationContext,
) => Promise<Readonly<Record<string, unknown>>>;

interface Exchange {
  readonly requestId: string;
  readonly signal: AbortSignal;
  principal?: SigningPrincipal;
  match?: RouteMatch;
}

function callerOf(
  principal: SigningPrincipal | undefined,
): Pick<AnsweredRequest, 'accessKeyId' | 'runtimeId' | 'sessionId'> {
  if (principal?.kind !== 'role') return { accessKeyId: principal?.accessKeyId };
  const { runtimeId, sessionId } = principal;
  return { accessKeyId: undefined, runtimeId, sessionId };
}

function isBearer(authorization = ''): boolean {
  return /^bearer\b/i.test(authorization);
}

/** A 401 names a scheme that would do (RFC 9110 15.5.2). */
function bearerRefused(): BerthError {
  return new BerthError(
    'unauthorized',
    "The bearer token is not taken here: only calls of runtimes with a JWT authorizer take one. Sign the request with AWS Signature Version 4 and an access key of this server: 'berth env' prints what your client needs.",
    { challenge: 'AWS4-HMAC-SHA256' },
  );
}

function abortOnClose(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) controller.abort(new Error('The caller went away.'));
  });
  return controller.signal;
}

function send(
  response: ServerResponse,
  answer: WireAnswer,
  requestId: string,
  canReuseConnection: boolean,
): void {
  if (response.destroyed) return;
  const { status, headers, body } = answer;
  response.writeHead(status, {
    ...headers,
    'x-amzn-requestid': requestId,
    ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
    ...(!canReuseConnection && { connection: 'close' }),
  });
  response.end(body);
}
