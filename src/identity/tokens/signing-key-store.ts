/** A secret that workload tokens are signed and verified with. */
export interface SigningKey {
  /** Stands in the tokens; never used for another key. */
  readonly id: string;
  /** 32 bytes; sealed where it is kept. */
  readonly secret: Uint8Array;
  readonly createdAtMs: number;
}

export interface SigningKeyStore {
  /** In the order in which they were added. */
  list(): Promise<readonly SigningKey[]>;
  /** On disk when it resolves. Adds nothing, and answers false, when the newest key was made after `unlessAfterMs`. */
  add(key: SigningKey, unlessAfterMs: number): Promise<boolean>;
  remove(ids: readonly string[]): Promise<void>;
}
