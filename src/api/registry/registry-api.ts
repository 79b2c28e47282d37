import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Audit } from '../../auth/audit/audit.ts';
import type { RegistryAction, RegistryScope } from '../../auth/registry-authenticator.ts';
import type { Authorize } from '../../auth/authorize.ts';
import type { BlobStore } from '../../images/blob-store.ts';
import type { Repositories } from '../../images/repositories/repositories.ts';
import type { RepositoryStore } from '../../images/repositories/repository-store.ts';
import type { Uploads } from '../../images/repositories/uploads.ts';
import type { Clock } from '../../shared/clock.ts';
import type { RandomSource } from '../../shared/ids.ts';
import { accessContextOf } from '../access-context-of.ts';
import { originOf } from '../base-url.ts';
import { drainRequest } from '../drain-request.ts';
import type { Failures } from '../errors.ts';
import { newRequestId } from '../request-id.ts';
import { auditChange, auditLogin, auditRefusal } from './audit-registry.ts';
import { answerBlob } from './blob-requests.ts';
import { answerCatalog, answerReferrers, answerTags } from './list-requests.ts';
import { answerManifest } from './manifest-requests.ts';
import { MethodNotAllowed, type RegistryAnswer, toRegistryAnswer } from './registry-answer.ts';
import type { RegistryLogin } from './registry-login.ts';
import { parseRegistryPath, type RegistryPath } from './registry-path.ts';
import { bodyOf, isPrivateConnection, readWhole, type RegistryRequest } from './registry-request.ts';
import { answerNewUpload, answerUpload, mountSource } from './upload-requests.ts';

export interface RegistryApiParts {
  readonly login: RegistryLogin;
  readonly authorize: Authorize;
  readonly audit: Pick<Audit, 'allowed' | 'denied' | 'unproven'>;
  readonly repositories: Repositories;
  readonly store: RepositoryStore;
  readonly uploads: Uploads;
  readonly blobs: Pick<BlobStore, 'find' | 'read'>;
  readonly clock: Clock;
  readonly random: RandomSource;
  readonly events: RegistryEvents;
}

export interface RegistryEvents extends Failures {
  imagePushed(image: {
    readonly repository: string;
    readonly reference: string;
    readonly digest: string;
  }): void;
}

const maxFormBytes = 64 * 1024;

/** The OCI distribution API (`/v2/`). Nothing of a request's body is read before its sender is known. */
export class RegistryApi {
  readonly #parts: RegistryApiParts;

  constructor(parts: RegistryApiParts) {
    this.#parts = parts;
  }

  /** Answers every request, also one that fails. Never rejects. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = newRequestId(this.#parts.random);
    let answer: RegistryAnswer;
    try {
      answer = await this.#answer(request, requestId);
    } catch (error) {
      if (request.destroyed && !request.complete) return;
      answer = toRegistryAnswer(error, requestId, this.#parts.events);
    }
    const isSent = await this.#send(request, response, answer, requestId);
    if (isSent && !(await drainRequest(request, this.#parts.clock))) request.destroy();
  }

  async #answer(message: IncomingMessage, requestId: string): Promise<RegistryAnswer> {
    const { login } = this.#parts;
    const [rawPath = '', query = ''] = splitOnce(message.url ?? '/', '?');
    const parameters = new URLSearchParams(query);
    const method = message.method ?? 'GET';
    const credentials = {
      authorization: message.headers.authorization,
      isPrivate: isPrivateConnection(message),
      origin: originOf(message),
    };
    const path = attempt(() => parseRegistryPath(rawPath));
    const context = accessContextOf(message, requestId);
    const shown = { audit: this.#parts.audit, context, rawPath };
    if ('value' in path && path.value.kind === 'token') {
      const form = await tokenParameters(method, message, parameters);
      return auditLogin(shown, login.proofIn(credentials, form), () => login.issueToken(credentials, form));
    }
    const scopes =
      'value' in path && 'repository' in path.value ? scopesOf(path.value, method, parameters) : [];
    const access = await auditLogin(shown, login.proofIn(credentials), () =>
      login.authenticate(credentials, scopes),
    );
    if ('error' in path) throw path.error;
    const audited = { audit: this.#parts.audit, access, context };
    auditRefusal(audited, scopes, () => login.authorize(access, scopes));
    await auditChange(audited, path.value, method);
    return this.#route(path.value, {
      method,
      query: parameters,
      headers: message.headers,
      body: bodyOf(message),
      access,
      context,
    });
  }

  async #route(path: RegistryPath, request: RegistryRequest): Promise<RegistryAnswer> {
    const parts = this.#parts;
    switch (path.kind) {
      case 'base':
      case 'token':
        if (request.method !== 'GET' && request.method !== 'HEAD') throw new MethodNotAllowed(['GET']);
        return { status: 200, headers: { 'content-type': 'application/json' }, body: '{}' };
      case 'catalog':
        await parts.authorize(request.access.principal, 'berth:ListRepositories', '*', request.context);
        return answerCatalog(parts.store, request);
      case 'tags':
        return answerTags(parts.store, request, path.repository);
      case 'referrers':
        return answerReferrers(parts.store, request, path.repository, path.digest);
      case 'manifest':
        return answerManifest(parts, request, path.repository, path.reference);
      case 'blob':
        return answerBlob(parts, request, path.repository, path.digest);
      case 'uploads':
        return answerNewUpload(parts, request, path.repository);
      case 'upload':
        return answerUpload(parts, request, path);
      default:
        return path satisfies never;
    }
  }

  /** False when the caller went away or the content broke off: then the connection is closed. */
  async #send(
    request: IncomingMessage,
    response: ServerResponse,
    { status, headers = {}, body }: RegistryAnswer,
    requestId: string,
  ): Promise<boolean> {
    if (response.destroyed) return false;
    const isStream = body !== undefined && typeof body === 'object' && 'open' in body;
    const bytes = isStream ? undefined : Buffer.from(body ?? '');
    const hasBody = request.method !== 'HEAD' && status !== 204;
    response.writeHead(status, {
      ...headers,
      ...(status !== 204 && { 'content-length': isStream ? body.sizeBytes : bytes?.byteLength }),
      'docker-distribution-api-version': 'registry/2.0',
      'x-content-type-options': 'nosniff',
      'x-amzn-requestid': requestId,
    });
    if (!hasBody || !isStream) {
      response.end(hasBody ? bytes : undefined);
      return true;
    }
    try {
      await pipeline(body.open(), response);
      return true;
    } catch (error) {
      if (!isDisconnect(error)) this.#parts.events.unexpected({ requestId, error });
      response.destroy();
      return false;
    }
  }
}

/** A blob that is mounted is read from where it comes from: one token has to cover both repositories. */
function scopesOf(
  path: RegistryPath & { readonly repository: string },
  method: string,
  query: URLSearchParams,
): readonly RegistryScope[] {
  const isUpload = path.kind === 'uploads' || path.kind === 'upload';
  const actions: readonly RegistryAction[] =
    isUpload || method === 'PUT' ? ['pull', 'push'] : method === 'DELETE' ? ['delete'] : ['pull'];
  const source = path.kind === 'uploads' ? mountSource(query) : undefined;
  return [
    { repository: path.repository, actions },
    ...(source === undefined ? [] : [{ repository: source.from, actions: ['pull' as const] }]),
  ];
}

async function tokenParameters(
  method: string,
  message: IncomingMessage,
  query: URLSearchParams,
): Promise<URLSearchParams> {
  if (method === 'GET') {
    // A password in an address ends up in logs.
    for (const name of ['username', 'password']) query.delete(name);
    return query;
  }
  if (method !== 'POST') throw new MethodNotAllowed(['GET', 'POST']);
  const form = await readWhole(bodyOf(message), maxFormBytes);
  return new URLSearchParams(Buffer.from(form).toString('utf8'));
}

function attempt<Value>(work: () => Value): { readonly value: Value } | { readonly error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

function isDisconnect(error: unknown): boolean {
  const codes = ['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE', 'ERR_STREAM_DESTROYED'];
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}
