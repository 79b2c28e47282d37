import type { IncomingMessage } from 'node:http';
import { callerId } from '../../../auth/principal.ts';
import type { Clock } from '../../../shared/clock.ts';
import type { RandomSource } from '../../../shared/ids.ts';
import type { Failures } from '../../errors.ts';
import { newRequestId } from '../../request-id.ts';
import type { Upgrade, UpgradePort } from '../../upgrade.ts';
import type { CallTraces } from '../call-traces.ts';
import { beginDataCall, type DataCallParts } from '../data-call.ts';
import { type DataRoute, matchDataRoute, type UpgradeOperation } from '../data-route.ts';
import { Exchange } from '../exchange.ts';
import { type ReportParts, reportFinished } from '../finished-call.ts';
import { asksForWebSocket } from './handshake.ts';
import { headOfUpgrade, judgeUpgrade, type JudgeUpgradeParts } from './judge-upgrade.ts';
import { openShell, type OpenShellParts } from './open-shell.ts';
import { openWebSocket, type OpenWebSocketEvents, type OpenWebSocketParts } from './open-websocket.ts';

/** What WebSockets tell the logs and counters. */
export interface WebSocketEvents extends Failures, OpenWebSocketEvents {
  /** A request for a WebSocket was answered with an error, or its caller did not wait. */
  webSocketRefused(request: {
    readonly requestId: string;
    readonly operation: string;
    readonly runtimeId: string | undefined;
    readonly sessionId: string | undefined;
    readonly caller: string | undefined;
    readonly status: number;
    readonly durationMs: number;
  }): void;
}

export interface DataUpgradesParts
  extends DataCallParts, JudgeUpgradeParts, OpenShellParts, OpenWebSocketParts {
  readonly events: WebSocketEvents & ReportParts['events'];
  /** Undefined when nobody collects them. */
  readonly traces?: CallTraces | undefined;
  readonly clock: Clock;
  readonly random: RandomSource;
}

/** The requests of the data plane that become WebSockets. */
export class DataUpgrades implements UpgradePort {
  readonly #parts: DataUpgradesParts;

  constructor(parts: DataUpgradesParts) {
    this.#parts = parts;
  }

  handles(request: IncomingMessage): boolean {
    return routeOf(request) !== undefined && asksForWebSocket(request);
  }

  /** Until it is granted, a request is refused as any other is; its protocol's own error form is for invocations. */
  handle(upgrade: Upgrade): void {
    const { clock, random, events, traces } = this.#parts;
    const { request, response } = upgrade;
    const route = routeOf(request);
    if (route === undefined) throw new Error('The request was not asked about before it was handed over.');
    const requestId = newRequestId(random);
    const exchange = new Exchange({ request, response, requestId, clock, failures: events, traces });
    void upgrade.closed.then(() => {
      if (!upgrade.isGranted) this.#reportRefusal(exchange, route.operation);
      const durationMs = clock.now() - exchange.startedAtMs;
      reportFinished(exchange, route.operation, {
        events,
        durationMs,
        changes: upgrade.isGranted ? granted : {},
      });
    });
    this.#serve(exchange, upgrade, route).catch((error: unknown) => {
      if (upgrade.isGranted) {
        upgrade.destroy();
        events.unexpected({ requestId, error });
      } else if (!exchange.signal.aborted) exchange.refuse(error);
    });
  }

  async #serve(exchange: Exchange, upgrade: Upgrade, route: UpgradeRoute): Promise<void> {
    const { operation } = route;
    const head = headOfUpgrade(upgrade.request, exchange.requestId);
    const call = await beginDataCall(this.#parts, route, head, (target) => (exchange.target = target));
    const wish = await judgeUpgrade(this.#parts, exchange, call, { head, action: operation });
    switch (operation) {
      case 'InvokeAgentRuntimeWithWebSocketStream':
        return openWebSocket(this.#parts, exchange, upgrade, wish);
      case 'InvokeAgentRuntimeCommandShell':
        return openShell(this.#parts, exchange, upgrade, wish);
    }
  }

  #reportRefusal(
    { requestId, runtimeId, sessionId, principal, startedAtMs, response }: Exchange,
    operation: UpgradeOperation,
  ): void {
    const { events, clock } = this.#parts;
    events.webSocketRefused({
      requestId,
      operation,
      runtimeId,
      sessionId,
      caller: principal && callerId(principal),
      // As nginx does for a caller that did not wait for its answer.
      status: response.headersSent ? response.statusCode : 499,
      durationMs: clock.now() - startedAtMs,
    });
  }
}

/** What a WebSocket that was opened comes to: its close code is in the log. */
const granted = { status: 101, failure: undefined, errorKind: undefined };

type UpgradeRoute = DataRoute & { readonly operation: UpgradeOperation };

function routeOf({ method, url }: IncomingMessage): UpgradeRoute | undefined {
  const route = matchDataRoute(method, url);
  return route !== undefined && isUpgradeRoute(route) ? route : undefined;
}

function isUpgradeRoute(route: DataRoute): route is UpgradeRoute {
  const { operation } = route;
  return (
    operation === 'InvokeAgentRuntimeWithWebSocketStream' || operation === 'InvokeAgentRuntimeCommandShell'
  );
}
