/** Seals texts under one key (AES-256-GCM), each for a purpose that is authenticated with it. */
export interface KeyBox {
  seal(secret: string, purpose: string): string;
  /** Throws when it was sealed under another key or for another purpose, or was changed. */
  open(sealed: string, purpose: string): string;
}

/** Of a 32-byte key. */
export type BoxOf = (key: Uint8Array) => KeyBox;

/** One text for parts that may have any characters: no two lists of parts have the same one. */
export function purposeOf(...parts: readonly string[]): string {
  return JSON.stringify(parts);
}
