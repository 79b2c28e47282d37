import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import {
  request as httpRequest,
  type IncomingMessage,
  type RequestListener,
  type RequestOptions,
} from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { UpgradeListener } from '../../../../test/fakes/fake-sandbox-driver.ts';
import { createAuthorizer } from '../../../auth/authorize.ts';
import type { AccessFacts } from '../../../auth/access-facts.ts';
import type { JwtAuthenticator } from '../../../auth/jwt/jwt-authenticator.ts';
import { FakeAudit } from '../../../auth/testing/fake-audit.ts';
import { noFacts } from '../../../auth/testing/test-authorizer.ts';
import { runtimeArn } from '../../../runtimes/arns.ts';
import { protocolPorts, type ServerProtocol } from '../../../runtimes/runtime.ts';
import { HttpAgentProbe } from '../../../sessions/http-agent-probe.ts';
import type { SessionRegistryParts } from '../../../sessions/session-registry.ts';
import { echo, scope, SessionsFixture, sessionNamed } from '../../../sessions/testing/sessions-fixture.ts';
import { type Clock, systemClock } from '../../../shared/clock.ts';
import { systemRandom } from '../../../shared/ids.ts';
import { HttpListener } from '../../http-listener.ts';
import { RateLimits } from '../../rate-limits.ts';
import { SpoolBudget } from '../../spool-budget.ts';
import type { CallTraces, FinishedCall } from '../call-traces.ts';
import { createDataPlane, type DataPlane, type DataPlaneEvents, type DataPlaneParts } from '../data-plane.ts';
import { SessionBindings } from '../../../sessions/session-bindings.ts';
import { createSqlSessionBindingStore } from '../../../sessions/sql-session-binding-store.ts';
import { SessionAliases } from '../../../sessions/session-aliases.ts';
import { MemorySessionAliasStore } from '../../../sessions/testing/memory-session-alias-store.ts';
import { type OpenDatabase, openDatabase } from '../../../storage/database.ts';
import { TargetAuthenticator } from '../target-authenticator.ts';
import { FakeAgentTokens } from './fake-agent-tokens.ts';
import { FakeAuthenticator } from './fake-authenticator.ts';

export const sessionHeader = 'x-amzn-bedrock-agentcore-runtime-session-id';
export const echoPath = `/runtimes/${encodeURIComponent(runtimeArn(scope, echo))}`;

export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Call extends RequestOptions {
  readonly session?: string;
  readonly body?: string | Buffer;
  /** Signs the body's hash in a header, as the JavaScript SDK does; otherwise the body is spooled. */
  readonly claims?: boolean;
}

export interface FixtureOptions {
  readonly clock?: Clock;
  /** The agents' WebSockets. */
  readonly onUpgrade?: UpgradeListener;
  readonly invocationRate?: number;
  /** Of the agents. */
  readonly protocol?: ServerProtocol;
  /** Of versions with an authorizer; others believe their callers. */
  readonly tokens?: Pick<JwtAuthenticator, 'begin'>;
  readonly agentTokens?: DataPlaneParts['agentTokens'];
  readonly authorize?: DataPlaneParts['authorize'];
  readonly publicUrl?: string;
  readonly sessions?: Partial<SessionRegistryParts>;
  readonly traces?: CallTraces;
  /** Tags and policies of runtimes. */
  readonly facts?: AccessFacts;
  /** Where it is kept whose sessions are; a new one when not given. */
  readonly database?: OpenDatabase;
}

/** A data plane behind a real listener, with agents behind real ones; callers are believed. */
export class DataPlaneFixture implements AsyncDisposable {
  readonly sessions: SessionsFixture<Clock>;
  readonly failures: unknown[] = [];
  readonly finished: FinishedCall[] = [];
  /** What the log is told of each request for a WebSocket that was refused. */
  readonly webSocketRefusals: Parameters<DataPlaneEvents['webSocketRefused']>[0][] = [];
  /** What the log is told of each WebSocket that is over. */
  readonly webSocketEnds: Parameters<DataPlaneEvents['webSocketClosed']>[0][] = [];
  readonly audit = new FakeAudit();
  readonly dataPlane: DataPlane;
  readonly listener: HttpListener;
  readonly #folder: string;

  private constructor(parts: {
    sessions: SessionsFixture<Clock>;
    folder: string;
    database: OpenDatabase;
    options: FixtureOptions;
  }) {
    const { sessions, folder, database, options } = parts;
    const clock = options.clock ?? systemClock;
    this.sessions = sessions;
    this.#folder = folder;
    this.dataPlane = createDataPlane({
      scope,
      authenticator: new TargetAuthenticator({
        signatures: new FakeAuthenticator(),
        tokens: options.tokens ?? { begin: () => Promise.reject(new Error('no token is expected')) },
        publicUrl: options.publicUrl,
      }),
      authorize:
        options.authorize ?? createAuthorizer({ facts: options.facts ?? noFacts, audit: this.audit, clock }),
      audit: this.audit,
      bindings: new SessionBindings({
        store: createSqlSessionBindingStore(database),
        optionsOf: sessions.targets.findOptions.bind(sessions.targets),
        clock,
      }),
      publicUrl: options.publicUrl,
      sessions: sessions.registry,
      aliases: new SessionAliases({ store: new MemorySessionAliasStore() }),
      targets: sessions.targets,
      agentTokens: options.agentTokens ?? new FakeAgentTokens(),
      // Its time stands still, so that no test is too slow for a rate.
      rateLimits: new RateLimits({ clock: { ...clock, now: () => 0 } }),
      quotas: { invocationRate: options.invocationRate ?? 0 },
      spool: {
        folder,
        budget: new SpoolBudget({ totalBytes: 2 ** 30, perKeyBytes: 2 ** 30, clock }),
        memoryBytes: 2 ** 16,
      },
      events: {
        unexpected: (failure) => this.failures.push(failure),
        invocationFinished: () => {},
        invocationBroken: () => {},
        answered: () => {},
        callFinished: (call) => this.finished.push(call),
        webSocketRefused: (request) => this.webSocketRefusals.push(request),
        webSocketOpened: () => {},
        webSocketClosed: (connection) => this.webSocketEnds.push(connection),
      },
      traces: options.traces,
      clock,
      random: systemRandom,
    });
    this.listener = new HttpListener({
      handle: (request, response) => this.dataPlane.handle(request, response),
      upgrades: this.dataPlane.upgrades,
      drainLimitMs: 1_000,
      failures: { unexpected: (failure) => this.failures.push(failure) },
      clock,
      random: systemRandom,
    });
  }

  /** Agents answer `/ping`; all else is `onInvoke`'s. */
  static async open(onInvoke: RequestListener, options: FixtureOptions = {}): Promise<DataPlaneFixture> {
    const { protocol = 'HTTP' } = options;
    const onRequest: RequestListener = (request, response) => {
      if (request.url === '/ping') response.end('{"status":"Healthy"}');
      else onInvoke(request, response);
    };
    const sessions = new SessionsFixture({
      clock: options.clock ?? systemClock,
      probe: new HttpAgentProbe({ clock: systemClock }),
      image: () => ({
        onRequest,
        port: protocolPorts[protocol],
        ...(options.onUpgrade && { onUpgrade: options.onUpgrade }),
      }),
      changes: options.sessions ?? {},
    });
    sessions.targets.addVersion(echo, 1, { protocol });
    const folder = await mkdtemp(join(tmpdir(), 'berth-data-plane-'));
    const fixture = new DataPlaneFixture({
      sessions,
      folder,
      database: options.database ?? (await openDatabase(':memory:')),
      options,
    });
    await fixture.listener.listen('127.0.0.1', 0);
    return fixture;
  }

  get port(): number {
    const address = this.listener.server.address();
    if (typeof address !== 'object' || address === null) throw new Error('The server does not listen.');
    return address.port;
  }

  /** A request of which nothing has been sent; `body` is only used for its hash. */
  start({ session, body = '', claims = false, headers, ...options }: Call) {
    const sha256 = createHash('sha256').update(body).digest('hex');
    return httpRequest({
      host: '127.0.0.1',
      port: this.port,
      method: 'POST',
      path: `${echoPath}/invocations`,
      agent: false,
      headers: withoutUndefined({
        authorization: 'KEY application',
        ...(session !== undefined && { [sessionHeader]: sessionNamed(session) }),
        ...(claims && { 'x-amz-content-sha256': sha256 }),
        ...(body.length > 0 && { 'content-length': Buffer.byteLength(body) }),
        ...headers,
      }),
      ...options,
    });
  }

  /** Resolves when the head of the answer has arrived. */
  async open(call: Call): Promise<IncomingMessage> {
    const request = this.start(call);
    request.end(call.body);
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  async call(call: Call): Promise<Answer> {
    const response = await this.open(call);
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.dataPlane[Symbol.asyncDispose]();
    await this.sessions[Symbol.asyncDispose]();
    this.listener.server.closeAllConnections();
    this.listener.server.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/** A test that names a default without a value sends none. */
function withoutUndefined(headers: object): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
