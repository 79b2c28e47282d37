import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { type CountedCall, RuntimeMetrics } from './runtime-metrics.ts';
import { createServerMetrics, type ServerMetrics } from './server-metrics.ts';

export interface EventsParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/**
 * The one place for what happens in the business: each event writes its log line and its counters together. The folders that
 * emit them declare the part they want (`SessionEvents`, `RuntimeEvents`, ...); this class fits them all.
 */
export class Events {
  readonly #logger: Logger;
  readonly #metrics: ServerMetrics;
  readonly #runtimeMetrics: RuntimeMetrics;
  #openWebSockets = 0;

  constructor({ logger, metrics }: EventsParts) {
    this.#logger = logger;
    this.#metrics = createServerMetrics(metrics);
    this.#runtimeMetrics = new RuntimeMetrics({ metrics });
    metrics.gauge('berth_open_websockets', 'WebSockets that are open.', () => this.#openWebSockets);
  }

  /** A request of the control plane or the admin API was answered. */
  answered(request: {
    readonly requestId: string;
    readonly operation: string | undefined;
    readonly accessKeyId: string | undefined;
    readonly status: number;
    readonly durationMs: number;
  }): void {
    this.#metrics.requests.add({ operation: request.operation ?? 'unknown', status: String(request.status) });
    this.#logger.info(request, 'request answered');
  }

  /** A bug: its caller was told the request id only. */
  unexpected(failure: { readonly requestId: string; readonly error: unknown }): void {
    this.#metrics.unexpected.add();
    this.#logger.error(failure, 'request failed unexpectedly');
  }

  /** Entries of the audit log could not be written; whoever waited for them was refused, the others are tried again. */
  auditDelayed(problem: { readonly error: unknown }): void {
    this.#metrics.auditFailures.add();
    this.#logger.error(problem, 'the audit log could not be written');
  }

  /** The audit log will have no more than their number. */
  auditLost(loss: { readonly refusals: number }): void {
    this.#metrics.auditLost.add({}, loss.refusals);
    this.#logger.error(loss, 'refusals are missing from the audit log');
  }

  /** A call of the data plane is over; its log line is written by one of the two others. */
  callFinished(call: CountedCall): void {
    this.#runtimeMetrics.callFinished(call);
  }

  invocationFinished(invocation: {
    readonly requestId: string;
    readonly runtimeId: string | undefined;
    readonly sessionId: string | undefined;
    readonly status: number;
    readonly durationMs: number;
    readonly [field: string]: unknown;
  }): void {
    this.#metrics.invocations.add({ status: String(invocation.status) });
    this.#metrics.invocationSeconds.observe(invocation.durationMs / 1000);
    this.#logger.info(invocation, 'invocation finished');
  }

  /** The answer broke off after its head was sent, by the agent or by the caller. */
  invocationBroken(invocation: {
    readonly requestId: string;
    readonly reason: string;
    readonly [field: string]: unknown;
  }): void {
    this.#metrics.brokenInvocations.add();
    this.#logger.warn(invocation, 'invocation broke off');
  }

  /** Before there was a WebSocket. */
  webSocketRefused(request: {
    readonly requestId: string;
    readonly operation: string;
    readonly status: number;
    readonly durationMs: number;
    readonly [field: string]: unknown;
  }): void {
    this.#metrics.requests.add({ operation: request.operation, status: String(request.status) });
    this.#logger.info(request, 'websocket refused');
  }

  /** Its log line comes at its end. */
  webSocketOpened(): void {
    this.#openWebSockets += 1;
  }

  webSocketClosed(connection: {
    readonly requestId: string;
    readonly closeCode: number;
    readonly callerBytes: number;
    readonly agentBytes: number;
    readonly durationMs: number;
  }): void {
    const { closeCode, callerBytes, agentBytes, durationMs } = connection;
    this.#openWebSockets -= 1;
    // Agents and callers may choose any number; a label takes few.
    const isStandard = closeCode >= 1000 && closeCode <= 1015;
    this.#metrics.webSockets.add({ close_code: isStandard ? String(closeCode) : 'other' });
    this.#metrics.webSocketBytes.add({ from: 'caller' }, callerBytes);
    this.#metrics.webSocketBytes.add({ from: 'agent' }, agentBytes);
    this.#metrics.webSocketSeconds.observe(durationMs / 1000);
    this.#logger.info(connection, 'websocket closed');
  }

  sessionReady({
    session,
    sandbox,
    durationMs,
  }: SessionStart & { sandbox: { id: string }; durationMs: number }): void {
    this.#metrics.starts.add();
    this.#runtimeMetrics.sessionReady(session);
    this.#metrics.startSeconds.observe(durationMs / 1000);
    this.#logger.info({ ...sessionFields(session), sandboxId: sandbox.id, durationMs }, 'session ready');
  }

  startFailed({
    session,
    reason,
    logLines,
  }: SessionStart & { reason: string; logLines: readonly string[] }): void {
    this.#metrics.startFailures.add();
    this.#logger.warn({ ...sessionFields(session), reason, logLines }, 'session failed to start');
  }

  sessionEnded(end: {
    session: SessionFields;
    reason: string;
    exit: { readonly exitCode: number; readonly outOfMemory: boolean } | undefined;
    logLines: readonly string[];
  }): void {
    const { session, reason, exit, logLines } = end;
    this.#metrics.ends.add({ reason });
    const isFailure = failedEnds.has(reason);
    this.#logger[isFailure ? 'warn' : 'info'](
      {
        ...sessionFields(session),
        reason,
        ...(exit !== undefined && { exitCode: exit.exitCode, outOfMemory: exit.outOfMemory }),
        ...(isFailure && { logLines }),
      },
      'session ended',
    );
  }

  sessionHibernated({
    session,
    sizeBytes,
    durationMs,
  }: SessionStart & { sizeBytes: number; durationMs: number }): void {
    this.#metrics.hibernations.add();
    this.#metrics.hibernateSeconds.observe(durationMs / 1000);
    this.#metrics.checkpointBytes.add({}, sizeBytes);
    this.#logger.info({ ...sessionFields(session), sizeBytes, durationMs }, 'session hibernated');
  }

  hibernationFailed({ session, error }: SessionStart & { error: unknown }): void {
    this.#metrics.hibernationFailures.add();
    this.#logger.warn({ ...sessionFields(session), error }, 'session could not be hibernated');
  }

  sessionWoken({
    session,
    sandbox,
    durationMs,
  }: SessionStart & { sandbox: { id: string }; durationMs: number }): void {
    this.#metrics.wakes.add();
    this.#metrics.wakeSeconds.observe(durationMs / 1000);
    this.#logger.info({ ...sessionFields(session), sandboxId: sandbox.id, durationMs }, 'session woken');
  }

  sessionAdopted(session: SessionFields): void {
    this.#metrics.adoptions.add();
    this.#logger.info(sessionFields(session), 'session adopted');
  }

  sessionFrozen({ session, durationMs }: SessionStart & { durationMs: number }): void {
    this.#metrics.freezeSeconds.observe(durationMs / 1000);
    this.#logger.debug({ ...sessionFields(session), durationMs }, 'session frozen');
  }

  sessionThawed({ session, durationMs }: SessionStart & { durationMs: number }): void {
    this.#metrics.thawSeconds.observe(durationMs / 1000);
    this.#logger.debug({ ...sessionFields(session), durationMs }, 'session thawed');
  }

  pooledReady(start: PoolFields & { sandboxId: string; durationMs: number }): void {
    this.#metrics.pooled.add();
    this.#logger.info({ ...start }, 'pooled sandbox ready');
  }

  pooledRetired(retirement: PoolFields & { sandboxId: string; reason: string }): void {
    this.#metrics.poolRetirements.add({ reason: retirement.reason });
    this.#logger.info({ ...retirement }, 'pooled sandbox ended');
  }

  poolAsked({ isHit }: PoolFields & { isHit: boolean }): void {
    this.#metrics.poolClaims.add({ outcome: isHit ? 'hit' : 'miss' });
  }

  refillFailed(
    failure: PoolFields & { reason: string; retryInMs: number; logLines: readonly string[] },
  ): void {
    this.#metrics.poolFailures.add();
    this.#logger.warn({ ...failure }, 'pooled sandbox failed to start');
  }

  poolWorkDelayed(work: { what: string; error: unknown }): void {
    this.#logger.warn(work, 'pool work delayed');
  }

  sessionWorkDelayed(work: { what: string; session: SessionFields | undefined; error: unknown }): void {
    const { what, session, error } = work;
    this.#logger.warn({ what, ...(session && sessionFields(session)), error }, 'session work delayed');
  }

  /** What a sweep removed or put right, by kind; says nothing when there was nothing. */
  sweepRepaired(repaired: Readonly<Record<string, number>>): void {
    const found = Object.entries(repaired).filter(([, count]) => count > 0);
    for (const [kind, count] of found) this.#metrics.repairs.add({ kind }, count);
    if (found.length > 0) this.#logger.warn({ repaired: Object.fromEntries(found) }, 'sweep repaired');
  }

  versionReady(version: { runtimeId: string; version: number; manifest: string; durationMs: number }): void {
    this.#metrics.versions.add({ outcome: 'ready' });
    this.#logger.info(version, 'version ready');
  }

  versionFailed(version: { runtimeId: string; version: number; reason: string }): void {
    this.#metrics.versions.add({ outcome: 'failed' });
    this.#logger.warn(version, 'version failed');
  }

  runtimeDeleted(runtime: { runtimeId: string }): void {
    this.#runtimeMetrics.runtimeDeleted(runtime.runtimeId);
    this.#logger.info(runtime, 'runtime deleted');
  }

  deleteFailed(runtime: { runtimeId: string; error: unknown }): void {
    this.#logger.error(runtime, 'runtime could not be deleted');
  }

  imagePushed(image: { repository: string; reference: string; digest: string }): void {
    this.#metrics.images.add({ direction: 'pushed' });
    this.#logger.info(image, 'image pushed');
  }

  imagePulled(image: { reference: string; digest: string; sizeBytes: number; durationMs: number }): void {
    this.#metrics.images.add({ direction: 'pulled' });
    this.#logger.info(image, 'image pulled');
  }

  imageDiskCollected(collection: {
    readonly usedPercent: number;
    readonly freedBytes: number;
    readonly unpackedGivenUp: number;
    readonly isBelowLow: boolean;
  }): void {
    if (collection.isBelowLow)
      this.#logger.info(collection, 'unused images were collected early to make room');
    else
      this.#logger.warn(
        collection,
        'the disk stays above the low mark of the image store: nothing else is unused; make room',
      );
  }

  /** It runs from what was read of it, and goes on needing its registry. */
  imageIncomplete(failure: { reference: string; error: unknown }): void {
    this.#logger.error(failure, 'an image that started before it was here cannot be fetched whole');
  }

  issuerFailed(failure: { discoveryUrl: string; error: unknown }): void {
    this.#logger.warn(failure, 'keys of a token issuer could not be fetched');
  }

  /** The caller was told so; a user may be waiting in front of a browser. */
  oauthProviderFailed(failure: { provider: string; vendor: string; reason: string }): void {
    this.#logger.warn(failure, 'a credential provider failed');
  }

  /** It is done again in ten minutes. */
  oauthSweepFailed(error: unknown): void {
    this.#logger.warn({ error }, 'what has ended of OAuth flows could not be deleted');
  }

  /** Its agent cannot exchange it; the next call tries again. */
  subjectTokenLost(error: unknown): void {
    this.#logger.warn({ error }, 'the token that a user came with could not be kept');
  }

  jobFailed(job: { jobId: string; kind: string; attempt: number; retryInMs: number; error: unknown }): void {
    this.#metrics.jobFailures.add({ kind: job.kind });
    this.#logger.warn(job, 'job failed, to be tried again');
  }

  /** The engine that keeps the vault's key; callers are told nothing of the reason. */
  transitFailed(failure: { readonly url: string; readonly problem: string }): void {
    this.#logger.warn(failure, "the transit engine that keeps the vault's key failed");
  }

  jobQueueStalled(error: unknown): void {
    this.#logger.warn({ error }, 'job queue stalled');
  }
}

/** Why a session ended that someone should look at. */
const failedEnds: ReadonlySet<string> = new Set([
  'crashed',
  'out-of-memory',
  'unhealthy',
  'disk-pressure',
  'failed-to-start',
  'failed-to-wake',
  'lost',
]);

interface SessionFields {
  readonly runtimeId: string;
  readonly id: string;
  readonly incarnation: number;
  readonly endpoint: string;
  readonly version: number;
}

interface PoolFields {
  readonly runtimeId: string;
  readonly version: number;
}

interface SessionStart {
  readonly session: SessionFields;
}

function sessionFields({ runtimeId, id, incarnation, endpoint, version }: SessionFields) {
  return { runtimeId, sessionId: id, incarnation, endpoint, version };
}
