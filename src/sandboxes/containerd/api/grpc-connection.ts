import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { ClientDuplexStream, ClientReadableStream, MethodDefinition, ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { isEngineError, toEngineError } from './engine-error.ts';

/** A method of containerd's API: what goes in and what comes out are plain objects with camel-case members. */
export type Method<Request, Response> = MethodDefinition<Request, Response>;

export interface CallOptions {
  /** 30 s when not set; `Infinity` waits as long as the connection holds. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal | undefined;
  /** What the call makes is kept by this lease. */
  readonly lease?: string;
}

/**
 * One connection to a containerd, acting in one namespace. It connects by itself, again after containerd was restarted; a
 * call waits for that up to its timeout. Failures are `EngineError`s, or the signal's reason.
 */
export class GrpcConnection {
  readonly #client: Client;
  readonly #namespace: string;
  #isClosed = false;

  constructor({ socketPath, namespace }: { readonly socketPath: string; readonly namespace: string }) {
    this.#namespace = namespace;
    this.#client = new Client(`unix:${socketPath}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': maxMessageBytes,
      'grpc.max_send_message_length': maxMessageBytes,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.min_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 500,
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_http_proxy': 0,
    });
  }

  /** For calls that may be made twice: made again, within the timeout, when containerd went away before it answered. */
  async callRepeatable<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): Promise<Response> {
    const deadline = deadlineOf(options);
    for (;;) {
      try {
        return await this.call(method, request, { ...options, timeoutMs: deadline - Date.now() });
      } catch (error) {
        if (this.#isClosed || !isEngineError(error, 'unavailable') || Date.now() >= deadline) throw error;
        await wait(retryMs);
      }
    }
  }

  call<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      if (options.signal?.aborted) {
        reject(options.signal.reason);
        return;
      }
      const { path, requestSerialize, responseDeserialize } = method;
      const call = this.#client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        this.#metadata(options),
        { deadline: deadlineOf(options) },
        (error: ServiceError | null, response?: Response) => {
          options.signal?.removeEventListener('abort', onAbort);
          if (options.signal?.aborted) reject(options.signal.reason);
          else if (error !== null) reject(toEngineError(path, error.code, error.details, error));
          else if (response === undefined) reject(toEngineError(path, 13, 'it answered nothing'));
          else resolve(response);
        },
      );
      const onAbort = () => call.cancel();
      options.signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** The messages of a server stream; leaving the loop early ends the call. */
  async *stream<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    options: CallOptions = {},
  ): AsyncGenerator<Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    const call: ClientReadableStream<Response> = this.#client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      this.#metadata(options),
      { deadline: deadlineOf(options) },
    );
    try {
      for await (const message of call) yield message as Response;
    } catch (error) {
      throw streamError(path, error);
    } finally {
      call.cancel();
    }
  }

  /** Failures are events of the stream; `streamError` gives them their type. */
  openDuplex<Request, Response>(
    method: Method<Request, Response>,
    options: CallOptions = {},
  ): ClientDuplexStream<Request, Response> {
    const { path, requestSerialize, responseDeserialize } = method;
    return this.#client.makeBidiStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      this.#metadata(options),
      { deadline: deadlineOf(options) },
    );
  }

  /** Calls under way fail with `cancelled`. */
  close(): void {
    this.#isClosed = true;
    this.#client.close();
  }

  #metadata({ lease }: CallOptions): Metadata {
    const metadata = new Metadata({ waitForReady: true });
    metadata.set('containerd-namespace', this.#namespace);
    if (lease !== undefined) metadata.set('containerd-lease', lease);
    return metadata;
  }
}

export function streamError(path: string, error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'number') return error;
  const details = 'details' in error && typeof error.details === 'string' ? error.details : error.message;
  return toEngineError(path, error.code, details, error);
}

/**
 * The methods of one API, from its file in ../protos. Each API declares the TypeScript shapes of its messages by hand: only
 * the members used, all of them always present in answers.
 */
export function loadMethods<Methods>(protoFile: string, fullName: string): Methods {
  const definition = loadSync(join(import.meta.dirname, '..', 'protos', protoFile), {
    includeDirs: [join(import.meta.dirname, '..', 'protos')],
    longs: Number,
    enums: String,
    defaults: true,
  });
  const methods = definition[fullName];
  if (methods === undefined) throw new TypeError(`${protoFile} declares no ${fullName}`);
  return methods as Methods;
}

const retryMs = 100;
const maxMessageBytes = 32 * 1024 * 1024;

function deadlineOf({ timeoutMs = 30_000 }: CallOptions): number {
  return timeoutMs === Infinity ? Infinity : Date.now() + timeoutMs;
}
