import { request, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { protocolPorts } from '../runtimes/runtime.ts';
import type { SandboxAddress } from '../sandboxes/sandbox-driver.ts';
import type { Clock } from '../shared/clock.ts';
import { isLocalError } from '../shared/local-errors.ts';
import {
  type AgentProbe,
  type PingAnswer,
  ProbeFailure,
  type ProbeFailureKind,
  type ProbeLimits,
  type ProbeTarget,
  readPing,
} from './agent-probe.ts';

const largestPingBytes = 64 * 1024;
const portCheckMs = 300;

/** Probes over a connection of its own each time, so that an answer also proves that the port still takes connections. */
export class HttpAgentProbe implements AgentProbe {
  readonly #clock: Clock;

  constructor(parts: { readonly clock: Clock }) {
    this.#clock = parts.clock;
  }

  async check(target: ProbeTarget, limits: ProbeLimits, signal?: AbortSignal): Promise<PingAnswer> {
    signal?.throwIfAborted();
    const port = protocolPorts[target.protocol];
    if (target.protocol !== 'MCP') return this.#ping(target.address.host, port, limits, signal);
    await this.#connect(target.address.host, port, limits.connectTimeoutMs, signal);
    return { status: 'Healthy', lastUpdatedAtMs: undefined };
  }

  async openPorts(address: SandboxAddress, ports: readonly number[]): Promise<readonly number[]> {
    const checks = ports.map(async (port) =>
      this.#connect(address.host, port, portCheckMs).then(
        () => [port],
        () => [],
      ),
    );
    return (await Promise.all(checks)).flat();
  }

  #ping(host: string, port: number, limits: ProbeLimits, signal?: AbortSignal): Promise<PingAnswer> {
    return new Promise((resolve, reject) => {
      const ping = request({
        host,
        port,
        path: '/ping',
        agent: false,
        headers: { accept: 'application/json' },
      });
      let isConnected = false;
      const settle = () => {
        cancelConnect();
        cancelAnswer();
        signal?.removeEventListener('abort', onAbort);
        ping.destroy();
      };
      const fail = (error: Error) => {
        settle();
        reject(error);
      };
      const failure = (message: string, cause?: unknown) =>
        new ProbeFailure(kindOf(cause, isConnected), message, cause);
      const onAbort = () => fail(signal?.reason instanceof Error ? signal.reason : new Error('Aborted.'));
      const cancelConnect = this.#clock.after(limits.connectTimeoutMs, () => {
        if (!isConnected)
          fail(failure(`no connection to port ${port} within ${limits.connectTimeoutMs / 1000} s`));
      });
      const cancelAnswer = this.#clock.after(limits.answerTimeoutMs, () =>
        fail(failure(`no complete answer within ${limits.answerTimeoutMs / 1000} s`)),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      ping.once('socket', (socket) => socket.once('connect', () => (isConnected = true)));
      ping.on('error', (error: NodeJS.ErrnoException) => fail(failure(error.code ?? error.message, error)));
      ping.on('response', (response) => {
        readAnswer(response).then(
          (answer) => {
            settle();
            resolve(answer);
          },
          (error: unknown) => fail(error instanceof Error ? error : new Error(String(error))),
        );
      });
      ping.end();
    });
  }

  #connect(host: string, port: number, timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port });
      const settle = () => {
        cancel();
        signal?.removeEventListener('abort', onAbort);
        socket.destroy();
      };
      const fail = (error: Error) => {
        settle();
        reject(error);
      };
      const onAbort = () => fail(signal?.reason instanceof Error ? signal.reason : new Error('Aborted.'));
      const cancel = this.#clock.after(timeoutMs, () =>
        fail(new ProbeFailure('unreachable', `no connection to port ${port} within ${timeoutMs / 1000} s`)),
      );
      signal?.addEventListener('abort', onAbort, { once: true });
      socket.on('error', (error: NodeJS.ErrnoException) =>
        fail(new ProbeFailure(kindOf(error, false), error.code ?? error.message, error)),
      );
      socket.once('connect', () => {
        settle();
        resolve();
      });
    });
  }
}

function kindOf(cause: unknown, isConnected: boolean): ProbeFailureKind {
  if (isLocalError(cause)) return 'local';
  return isConnected ? 'bad-answer' : 'unreachable';
}

async function readAnswer(response: IncomingMessage): Promise<PingAnswer> {
  const status = response.statusCode ?? 0;
  if (status < 200 || status > 299) throw new ProbeFailure('bad-answer', `status ${status}`);
  let body = '';
  response.setEncoding('utf8');
  try {
    for await (const text of response) {
      body += String(text);
      // Healthy, and of no further interest.
      if (body.length > largestPingBytes) return readPing('');
    }
  } catch (error) {
    throw new ProbeFailure('bad-answer', 'the answer broke off', error);
  }
  return readPing(body);
}
