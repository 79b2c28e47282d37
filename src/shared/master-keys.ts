/** 32-byte keys under which the server's own keys are sealed. */
export interface MasterKeys {
  readonly current: Uint8Array;
  /** What only this one opens is sealed anew under the current one. */
  readonly previous?: Uint8Array | undefined;
}
