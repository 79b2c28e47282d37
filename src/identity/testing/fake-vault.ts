import { BerthError } from '../../shared/errors.ts';
import type { Scope } from '../../shared/ids.ts';
import type { Vault } from '../vault/vault.ts';

/** Seals by writing down, in memory, what was sealed for whom. */
export class FakeVault implements Vault {
  readonly #keys = new Set<string>();
  readonly #sealed = new Map<string, { owner: string; binding: string; secret: string }>();
  /** Set while the keeper of keys does not answer. */
  isDown = false;

  get owners(): readonly string[] {
    return [...this.#keys];
  }

  async createKey(_scope: Scope, owner: string): Promise<void> {
    this.#requireUp();
    this.#keys.add(owner);
  }

  async destroyKey(owner: string): Promise<void> {
    this.#keys.delete(owner);
  }

  async seal(owner: string, binding: readonly string[], secret: string): Promise<string> {
    this.#requireUp();
    if (!this.#keys.has(owner)) throw new BerthError('internal', `${owner} has no key.`);
    const sealed = `sealed-${this.#sealed.size + 1}`;
    this.#sealed.set(sealed, { owner, binding: JSON.stringify(binding), secret });
    return sealed;
  }

  async open(owner: string, binding: readonly string[], sealed: string): Promise<string> {
    this.#requireUp();
    const found = this.#sealed.get(sealed);
    const isFor = found?.owner === owner && found.binding === JSON.stringify(binding);
    if (!isFor || !this.#keys.has(owner)) throw new BerthError('internal', 'It cannot be opened.');
    return found.secret;
  }

  #requireUp(): void {
    if (this.isDown) throw new BerthError('unavailable', 'The keeper of keys does not answer.');
  }
}
