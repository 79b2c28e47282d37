import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Audit } from '../../auth/audit/audit.ts';
import type { PendingAuthentication } from '../../auth/authenticator.ts';
import type { Authorize } from '../../auth/authorize.ts';
import { callerId, type Principal } from '../../auth/principal.ts';
import type { Config } from '../../config/config.ts';
import type { AgentTokens } from '../../identity/tokens/agent-tokens.ts';
import { Relay } from '../../invocations/relay.ts';
import { WebSocketRelay } from '../../invocations/websocket/websocket-relay.ts';
import { Shells } from '../../invocations/shells/shells.ts';
import type { InvocationTargets } from '../../runtimes/runtime.ts';
import type { SessionBindings } from '../../sessions/session-bindings.ts';
import type { SessionAliases } from '../../sessions/session-aliases.ts';
import type { SessionRegistry } from '../../sessions/session-registry.ts';
import type { Clock } from '../../shared/clock.ts';
import { BerthError } from '../../shared/errors.ts';
import type { Steps } from '../../shared/steps.ts';
import type { RandomSource, Scope } from '../../shared/ids.ts';
import { originOf } from '../base-url.ts';
import { loadServiceOperations, type ServiceOperation } from '../model/service-operation.ts';
import type { RateLimits } from '../rate-limits.ts';
import { newRequestId } from '../request-id.ts';
import { Patterns } from '../rest-json/constraints.ts';
import type { Spool } from '../spool-budget.ts';
import type { UpgradePort } from '../upgrade.ts';
import { openVerifiedBody } from '../verified-body.ts';
import type { CallTraces, FinishedCall } from './call-traces.ts';
import { beginDataCall, type DataAuthenticator } from './data-call.ts';
import { type DataOperation, type DataRoute, matchDataRoute } from './data-route.ts';
import { Exchange } from './exchange.ts';
import { reportFinished } from './finished-call.ts';
import { getAgentCard } from './get-agent-card.ts';
import {
  invokeAgentRuntimeCommand,
  type InvokeAgentRuntimeCommandParts,
} from './invoke-agent-runtime-command.ts';
import { invokeAgentRuntime, type InvokeAgentRuntimeParts } from './invoke-agent-runtime.ts';
import type { AnsweredRequest } from '../answered-request.ts';
import { getProtectedResource } from './protected-resource.ts';
import { stopRuntimeSession, type StopRuntimeSessionParts } from './stop-runtime-session.ts';
import { DataUpgrades, type WebSocketEvents } from './websocket/data-upgrades.ts';

/** What the data plane tells the logs and counters. */
export interface DataPlaneEvents extends WebSocketEvents {
  invocationFinished(invocation: {
    readonly requestId: string;
    readonly runtimeId: string | undefined;
    readonly sessionId: string | undefined;
    readonly caller: string | undefined;
    readonly status: number;
    readonly durationMs: number;
  }): void;
  /** A call of any operation is over; for counters, while the others write the log. */
  callFinished(call: FinishedCall): void;
  /** After its head was sent. */
  invocationBroken(invocation: { readonly requestId: string; readonly reason: string }): void;
  answered(request: AnsweredRequest): void;
}

export interface DataPlaneParts {
  readonly scope: Scope;
  readonly authenticator: DataAuthenticator;
  readonly authorize: Authorize;
  /** Base of URLs in answers; undefined: the server as its caller knows it. */
  readonly publicUrl: string | undefined;
  readonly bindings: Pick<SessionBindings, 'claim' | 'mayUse'>;
  readonly audit: Pick<Audit, 'denied'>;
  readonly sessions: Pick<SessionRegistry, 'acquire' | 'endpointOf' | 'stop'>;
  readonly aliases: Pick<SessionAliases, 'find' | 'claim'>;
  readonly targets: Pick<InvocationTargets, 'find'>;
  readonly agentTokens: Pick<AgentTokens, 'handOut' | 'receive'>;
  readonly rateLimits: Pick<RateLimits, 'take'>;
  readonly quotas: Pick<Config['quotas'], 'invocationRate'>;
  readonly spool: Spool;
  readonly events: DataPlaneEvents;
  /** Undefined when nobody collects them. */
  readonly traces?: CallTraces | undefined;
  /** For tests that kill the server at each of them. */
  readonly steps?: Steps | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

export function createDataPlane(parts: DataPlaneParts): DataPlane {
  return new DataPlane(parts);
}

/** Serves what is addressed to a runtime's sandboxes, as near to the sockets as can be. */
export class DataPlane implements AsyncDisposable {
  /** Requests that become WebSockets. */
  readonly upgrades: UpgradePort;
  readonly #parts: DataPlaneParts;
  readonly #relay: Relay;
  readonly #webSockets: WebSocketRelay;
  readonly #shells: Shells;
  readonly #invoke: InvokeAgentRuntimeParts;
  readonly #command: InvokeAgentRuntimeCommandParts;
  readonly #stop: StopRuntimeSessionParts;

  constructor(parts: DataPlaneParts) {
    const { rateLimits, quotas, clock } = parts;
    // The control plane counts the operations of the data plane that it serves under the same key.
    const takeRequest = ({ accountId }: Principal) =>
      rateLimits.take(`${accountId} data`, quotas.invocationRate);
    this.#parts = parts;
    this.#relay = new Relay({ clock });
    this.#invoke = { ...parts, relay: this.#relay, takeRequest };
    const common = { ...parts, patterns: new Patterns(), takeRequest };
    this.#command = { ...common, model: modelOf('InvokeAgentRuntimeCommand') };
    this.#stop = { ...common, model: modelOf('StopRuntimeSession') };
    this.#webSockets = new WebSocketRelay(parts);
    this.#shells = new Shells(parts);
    const ports = { webSockets: this.#webSockets, shells: this.#shells };
    this.upgrades = new DataUpgrades({ ...parts, ...ports, takeRequest });
  }

  /** Whether a request is the data plane's; its path is read still encoded. */
  handles({ method, url }: Pick<IncomingMessage, 'method' | 'url'>): boolean {
    return matchDataRoute(method, url) !== undefined;
  }

  /** Answers one request whose body is unread; what is not the data plane's gets 404 once its caller is proven. */
  handle(request: IncomingMessage, response: ServerResponse): void {
    const { clock, random, events, traces } = this.#parts;
    const requestId = newRequestId(random);
    const exchange = new Exchange({ request, response, requestId, clock, failures: events, traces });
    const route = matchDataRoute(request.method, request.url);
    response.once('close', () => this.#report(exchange, route));
    this.#answer(exchange, route).catch((error: unknown) => {
      if (!exchange.signal.aborted) exchange.refuse(error);
    });
  }

  /** Cuts what is still running. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#webSockets[Symbol.dispose]();
    await this.#shells[Symbol.asyncDispose]();
    await this.#relay[Symbol.asyncDispose]();
  }

  async #answer(exchange: Exchange, route: DataRoute | undefined): Promise<void> {
    const { request } = exchange;
    const { method = '', url: rawUrl = '', headers, rawHeaders } = request;
    const head = {
      ...{ method, rawUrl, headers, rawHeaders },
      origin: () => originOf(request),
      connection: request.socket,
      requestId: exchange.requestId,
    };
    if (route === undefined) {
      const pending = await this.#parts.authenticator.begin(head, undefined);
      return this.#refuseProven(exchange, pending, unknownPath());
    }
    if (route.operation === 'GetRuntimeProtectedResourceMetadata')
      return getProtectedResource(this.#parts, exchange, route);
    const call = await beginDataCall(this.#parts, route, head, (target) => {
      exchange.target = target;
      if (route.operation === 'InvokeAgentRuntime') exchange.protocol = target.version.protocol;
    });
    switch (route.operation) {
      case 'InvokeAgentRuntime':
        return invokeAgentRuntime(this.#invoke, exchange, call);
      case 'GetAgentCard':
        return getAgentCard(this.#invoke, exchange, call);
      case 'InvokeAgentRuntimeCommand':
        return invokeAgentRuntimeCommand(this.#command, exchange, call);
      case 'StopRuntimeSession':
        return stopRuntimeSession(this.#stop, exchange, call);
      case 'InvokeAgentRuntimeWithWebSocketStream':
      case 'InvokeAgentRuntimeCommandShell':
        return this.#refuseProven(exchange, call.pending, noWebSocket(route.operation));
    }
  }

  /** What cannot be served is told to proven callers only. */
  async #refuseProven(
    exchange: Exchange,
    pending: PendingAuthentication,
    refusal: BerthError,
  ): Promise<never> {
    const { request, signal } = exchange;
    exchange.body = await openVerifiedBody({ ...this.#parts, request, pending, signal });
    await exchange.body[Symbol.asyncDispose]();
    throw refusal;
  }

  #report(exchange: Exchange, route: DataRoute | undefined): void {
    const { requestId, runtimeId, sessionId, principal, startedAtMs, response } = exchange;
    const { events, clock } = this.#parts;
    const { statusCode: status, writableFinished, headersSent } = response;
    const caller = principal && callerId(principal);
    const durationMs = clock.now() - startedAtMs;
    if (route !== undefined) reportFinished(exchange, route.operation, { events, durationMs });
    if (route?.operation !== 'InvokeAgentRuntime') {
      const accessKeyId = principal?.kind === 'access-key' ? principal.accessKeyId : undefined;
      events.answered({ requestId, operation: route?.operation, accessKeyId, status, durationMs });
      return;
    }
    // As nginx does for a caller that did not wait for its answer.
    const shown = headersSent ? status : 499;
    events.invocationFinished({ requestId, runtimeId, sessionId, caller, status: shown, durationMs });
    if (headersSent && !writableFinished) {
      events.invocationBroken({ requestId, reason: 'The agent, its sandbox or the caller went away.' });
    }
  }
}

function modelOf(operation: DataOperation): ServiceOperation {
  const model = loadServiceOperations().find(({ name }) => name === operation);
  if (model === undefined) throw new Error(`The service model has no ${operation}.`);
  return model;
}

function unknownPath(): BerthError {
  return new BerthError('unknown-operation', 'No operation of the data plane is served at this path.');
}

function noWebSocket(operation: string): BerthError {
  return new BerthError(
    'validation',
    `${operation} is a WebSocket: send the request with Connection: Upgrade and Upgrade: websocket, as a WebSocket client does.`,
  );
}
