import type { ServerProtocol } from '../runtimes/runtime.ts';
import type { SandboxAddress } from '../sandboxes/sandbox-driver.ts';

/** What a healthy agent says of itself (contract 4.3). */
export interface PingAnswer {
  readonly status: 'Healthy' | 'HealthyBusy';
  /** `time_of_last_update`, when the agent gave one; not yet clamped. */
  readonly lastUpdatedAtMs: number | undefined;
}

export interface ProbeTarget {
  readonly address: SandboxAddress;
  /** MCP servers have no `/ping`: an open port is their health (client-notes 3). */
  readonly protocol: ServerProtocol;
}

export interface ProbeLimits {
  readonly connectTimeoutMs: number;
  /** From the request to the end of the answer. */
  readonly answerTimeoutMs: number;
}

/** Asks an agent for its health. An agent is not trusted: size and time of its answer are bounded. */
export interface AgentProbe {
  /**
   * Resolves when `GET /ping` answers 2xx, whatever its body; what cannot be read in it counts as Healthy. Rejects with a
   * ProbeFailure otherwise, or with the signal's reason.
   */
  check(target: ProbeTarget, limits: ProbeLimits, signal?: AbortSignal): Promise<PingAnswer>;
  /** Which of `ports` take a connection. Never rejects. */
  openPorts(address: SandboxAddress, ports: readonly number[]): Promise<readonly number[]>;
}

/**
 * `unreachable`: nothing accepted a connection; `bad-answer`: something did, and did not answer 2xx in HTTP; `local`: this
 * machine could not ask, which says nothing about the agent.
 */
export type ProbeFailureKind = 'unreachable' | 'bad-answer' | 'local';

export class ProbeFailure extends Error {
  override readonly name = 'ProbeFailure';
  readonly kind: ProbeFailureKind;

  constructor(kind: ProbeFailureKind, message: string, cause?: unknown) {
    super(message, { cause });
    this.kind = kind;
  }
}

/** Reads the body of a ping, of which nothing is certain. */
export function readPing(body: string): PingAnswer {
  const value = parseJson(body);
  if (typeof value !== 'object' || value === null) return { status: 'Healthy', lastUpdatedAtMs: undefined };
  const status = 'status' in value && value.status === 'HealthyBusy' ? 'HealthyBusy' : 'Healthy';
  return {
    status,
    lastUpdatedAtMs: readTime('time_of_last_update' in value ? value.time_of_last_update : undefined),
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Unix seconds, or a text in ISO 8601 as early agent SDKs sent it; numbers too large for seconds are milliseconds. */
function readTime(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const parsed = Date.parse(value);
    return Number.isNaN(parsed) ? undefined : parsed;
  }
  if (typeof value !== 'number' || !Number.isFinite(value)) return undefined;
  return value > 100_000_000_000 ? value : value * 1000;
}
