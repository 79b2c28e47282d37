import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { SandboxId } from '../../shared/ids.ts';
import { createSignedTokens, type SignedTokens } from '../signed-token.ts';

/** What a program shows the metadata service to be answered: it has been able to send a PUT before, which a mere fetch of a URL is not. */
export class MetadataTokens {
  readonly #tokens: SignedTokens<string>;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(parts: { readonly serverSecret: Uint8Array; readonly clock: Pick<Clock, 'now'> }) {
    const { serverSecret, clock } = parts;
    this.#tokens = createSignedTokens({ serverSecret, purpose: 'metadata token', payload: z.string() });
    this.#clock = clock;
  }

  issue(sandboxId: SandboxId, lifetimeMs: number): string {
    return this.#tokens.sign(sandboxId, this.#clock.now() + lifetimeMs);
  }

  isValid(token: string, sandboxId: SandboxId): boolean {
    return this.#tokens.open(token, this.#clock.now()) === sandboxId;
  }
}
