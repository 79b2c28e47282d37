import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { createSignedTokens, type SignedTokens } from './signed-token.ts';

/** A password for `docker login` and `skopeo`, whose user is `AWS`: it stands for an access key and dies with it. */
export interface RegistryToken {
  readonly username: 'AWS';
  readonly password: string;
  readonly expiresAtMs: number;
}

const lifetimeMs = 12 * 3_600_000;

export class RegistryTokens {
  readonly #tokens: SignedTokens<{ readonly accessKeyId: string }>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(parts: { readonly serverSecret: Uint8Array; readonly clock: Pick<Clock, 'now'> }) {
    this.#tokens = createSignedTokens({
      serverSecret: parts.serverSecret,
      purpose: 'registry token',
      payload: z.object({ accessKeyId: z.string() }),
    });
    this.#clock = parts.clock;
  }

  issue(accessKeyId: string): RegistryToken {
    const expiresAtMs = this.#clock.now() + lifetimeMs;
    return { username: 'AWS', password: this.#tokens.sign({ accessKeyId }, expiresAtMs), expiresAtMs };
  }

  /** The access key that it was issued for, unless it is not ours or has expired. */
  open(password: string): string | undefined {
    return this.#tokens.open(password, this.#clock.now())?.accessKeyId;
  }
}
