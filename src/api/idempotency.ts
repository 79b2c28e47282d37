import { createHash } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import { BerthError } from '../shared/errors.ts';
import type { Scope } from '../shared/ids.ts';
import type { IdempotencyKey, IdempotencyStore } from '../storage/idempotency-store.ts';
import type { ServiceOperation } from './model/service-operation.ts';
import type { WireAnswer } from './rest-json/write-output.ts';

const rememberedMs = 24 * 3600 * 1000;
const purgeEveryMs = 3600 * 1000;

interface Running {
  readonly parametersSha256: string;
  readonly answer: Promise<WireAnswer>;
}

/**
 * Makes a repeated request harmless: the same client token with the same parameters gets the first one's answer for 24 hours,
 * also after a restart, whenever it came, and while the first is still running. Failures are not remembered.
 */
export class Idempotency {
  readonly #store: Pick<IdempotencyStore, 'asOne' | 'find' | 'remember' | 'forgetBefore'>;
  readonly #clock: Clock;
  readonly #running = new Map<string, Running>();
  #purgedAt = -Infinity;

  constructor(parts: {
    readonly store: Pick<IdempotencyStore, 'asOne' | 'find' | 'remember' | 'forgetBefore'>;
    readonly clock: Clock;
  }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
  }

  /** Runs `act` unless the input repeats one that was answered. Throws `validation` (or `conflict`) when its token is reused with other parameters. */
  async run(
    operation: ServiceOperation,
    scope: Scope,
    input: Readonly<Record<string, unknown>>,
    act: () => Promise<WireAnswer>,
  ): Promise<WireAnswer> {
    const member = tokenMember(operation);
    const token = member === undefined ? undefined : input[member];
    if (member === undefined || typeof token !== 'string') return act();
    const key: IdempotencyKey = { scope, operation: operation.name, token };
    const parametersSha256 = hashOf({ ...input, [member]: undefined });
    const runningKey = JSON.stringify([scope.accountId, scope.region, operation.name, token]);
    for (let first = this.#running.get(runningKey); first; first = this.#running.get(runningKey)) {
      if (first.parametersSha256 !== parametersSha256) throw mismatch(operation, member);
      const answer = await first.answer.catch(() => undefined);
      if (answer !== undefined) return answer;
    }
    const answer = this.#answer(operation, member, key, parametersSha256, act);
    this.#running.set(runningKey, { parametersSha256, answer });
    try {
      return await answer;
    } finally {
      this.#running.delete(runningKey);
    }
  }

  async #answer(
    operation: ServiceOperation,
    member: string,
    key: IdempotencyKey,
    parametersSha256: string,
    act: () => Promise<WireAnswer>,
  ): Promise<WireAnswer> {
    await this.#purge();
    const known = await this.#store.find(key);
    if (known !== undefined && known.createdAt > this.#clock.now() - rememberedMs) {
      if (known.parametersSha256 !== parametersSha256) throw mismatch(operation, member);
      return restore(known.status, known.answerJson);
    }
    return this.#store.asOne(async () => {
      const answer = await act();
      const answerJson = JSON.stringify({ headers: answer.headers, body: answer.body });
      const { status } = answer;
      await this.#store.remember(key, { parametersSha256, status, answerJson, createdAt: this.#clock.now() });
      return answer;
    });
  }

  async #purge(): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#purgedAt < purgeEveryMs) return;
    this.#purgedAt = now;
    await this.#store.forgetBefore(now - rememberedMs);
  }
}

/** InvokeAgentRuntime marks its session id so, too, but does not pass through here. */
function tokenMember(operation: ServiceOperation): string | undefined {
  return Object.entries(operation.input.members).find(([, member]) => member.idempotencyToken)?.[0];
}

function restore(status: number, answerJson: string): WireAnswer {
  const { headers, body } = JSON.parse(answerJson) as { headers: Record<string, string>; body?: string };
  return { status, headers, body };
}

/** Both planes model the reason; an operation that models no ValidationException (the DELETEs of runtimes) answers a conflict. */
function mismatch(operation: ServiceOperation, member: string): BerthError {
  const message = `The ${member} was already used by ${operation.name} with other parameters. Use a new token for a new request.`;
  if (!operation.errors.includes('ValidationException') && operation.errors.includes('ConflictException')) {
    return new BerthError('conflict', message);
  }
  return new BerthError('validation', message, {
    reason: 'IdempotentParameterMismatchException',
    fields: [{ name: member, message }],
  });
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonical(value)).digest('hex');
}

/** JSON with sorted keys, so that the order of members does not matter. */
function canonical(value: unknown): string {
  if (value instanceof Date) return `date ${value.toISOString()}`;
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('base64')}`;
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join()}}`;
}
