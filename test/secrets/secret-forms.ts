/** Longer secrets are looked for by pieces of this length, so that half a secret is found, too. */
const pieceBytes = 16;
/** Shorter ones turn up by chance; every form is at least as long. */
export const leastBytes = 12;

export interface SecretForm {
  readonly name: string;
  readonly bytes: Buffer;
}

/** How the pieces of a secret look: as they are, in base64 at any offset, in hex, and escaped for URLs and JSON. */
export function formsOf(secret: Uint8Array): readonly SecretForm[] {
  return piecesOf(Buffer.from(secret)).flatMap(formsOfWhole);
}

function piecesOf(secret: Buffer): readonly Buffer[] {
  const { length } = secret;
  if (length <= pieceBytes) return [secret];
  const starts = Array.from({ length: Math.floor(length / pieceBytes) }, (_, index) => index * pieceBytes);
  // The last one ends where the secret does.
  return [...starts, length - pieceBytes].map((start) => secret.subarray(start, start + pieceBytes));
}

/** The same for a text of which no piece is a secret by itself. */
export function formsOfWhole(piece: Buffer): readonly SecretForm[] {
  if (piece.length < leastBytes)
    throw new Error(`A secret of ${piece.length} bytes is too short to be looked for.`);
  const text = piece.toString('latin1');
  const encoded: readonly (readonly [string, string])[] = [
    ['plain', text],
    ['URL-encoded', encodeURIComponent(text)],
    ['JSON', JSON.stringify(text).slice(1, -1)],
    ['hex', piece.toString('hex')],
    ['HEX', piece.toString('hex').toUpperCase()],
    ...[0, 1, 2].flatMap((offset) => [
      ['base64', base64At(piece, offset, 'base64')] as const,
      ['base64url', base64At(piece, offset, 'base64url')] as const,
    ]),
  ];
  const distinct = new Map(encoded.map(([name, form]) => [form, name]).toReversed() as [string, string][]);
  return [...distinct].map(([form, name]) => ({ name, bytes: Buffer.from(form, 'latin1') }));
}

/** The digits that are the same whatever is encoded before and after the piece, which begins at this offset in a group of three. */
function base64At(piece: Buffer, offset: number, encoding: 'base64' | 'base64url'): string {
  const digits = Buffer.concat([Buffer.alloc(offset), piece])
    .toString(encoding)
    .replaceAll('=', '');
  const isSplitAtEnd = (offset + piece.length) % 3 !== 0;
  return digits.slice(offset === 0 ? 0 : offset + 1, isSplitAtEnd ? -1 : undefined);
}
