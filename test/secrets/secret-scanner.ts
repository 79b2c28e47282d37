import { closeSync, openSync, readSync } from 'node:fs';
import { formsOf, formsOfWhole, leastBytes, type SecretForm } from './secret-forms.ts';
import { unescaped } from './unescaped.ts';

export interface Find {
  /** The name of what was found; never the secret itself, since finds are printed. */
  readonly name: string;
  readonly form: string;
}

interface Needle extends SecretForm {
  readonly of: string;
}

const tableBits = 20;
/** Bytes that are looked at together. */
const blockBytes = 4;
/** How far the search may step at most: past all places where the block that it looks at could be in a needle's beginning. */
const widestStep = leastBytes - blockBytes + 1;
const chunkBytes = 1 << 20;
/** Longer than every needle, the payload of a token with each of its characters escaped among them. */
const overlapBytes = 1 << 14;
/** Most of a disk that nobody has written to. */
const zeros = Buffer.alloc(overlapBytes + chunkBytes);

/** Looks for many secrets at once, in each of their forms, in one pass over the bytes (the algorithm of Wu and Manber). */
export class SecretScanner {
  /** By the last block of their beginnings, which are of `leastBytes`. */
  readonly #needles = new Map<number, Needle[]>();
  /** By the hash of a block: how far the end of a needle's beginning may be, at least. */
  readonly #steps = new Uint8Array(1 << tableBits).fill(widestStep);
  readonly #chunk = Buffer.alloc(overlapBytes + chunkBytes);

  add(name: string, secret: string | Uint8Array): void {
    for (const form of formsOf(Buffer.from(secret as string))) this.#addNeedle(name, form);
  }

  /** For a text that has parts in common with what is no secret: it is found as a whole only. */
  addWhole(name: string, text: string): void {
    for (const form of formsOfWhole(Buffer.from(text))) this.#addNeedle(name, form);
  }

  /** What is in these bytes, as they are or escaped, each once. */
  scan(what: Buffer | string): readonly Find[] {
    const buffer = typeof what === 'string' ? Buffer.from(what) : what;
    const plain = unescaped(buffer);
    return distinct([...this.#search(buffer), ...(plain === undefined ? [] : this.#search(plain))]);
  }

  scanFile(path: string): readonly Find[] {
    const file = openSync(path, 'r');
    const finds: Find[] = [];
    try {
      for (let kept = 0; ;) {
        const bytesRead = readSync(file, this.#chunk, kept, chunkBytes, null);
        if (bytesRead === 0) return distinct(finds);
        const filled = kept + bytesRead;
        const bytes = this.#chunk.subarray(0, filled);
        if (!bytes.equals(zeros.subarray(0, filled))) finds.push(...this.scan(bytes));
        kept = Math.min(overlapBytes, filled);
        this.#chunk.copyWithin(0, filled - kept, filled);
      }
    } finally {
      closeSync(file);
    }
  }

  #addNeedle(of: string, form: SecretForm): void {
    const needle = { ...form, of };
    for (let end = blockBytes - 1; end < leastBytes; end += 1) {
      const at = slot(blockBefore(needle.bytes, end));
      this.#steps[at] = Math.min(this.#steps[at] ?? widestStep, leastBytes - 1 - end);
    }
    const last = blockBefore(needle.bytes, leastBytes - 1);
    const others = this.#needles.get(last);
    if (others === undefined) this.#needles.set(last, [needle]);
    else others.push(needle);
  }

  #search(bytes: Buffer): readonly Find[] {
    const finds: Find[] = [];
    for (let end = leastBytes - 1; end < bytes.length;) {
      const block = blockBefore(bytes, end);
      const step = this.#steps[slot(block)] ?? widestStep;
      end += Math.max(step, 1);
      if (step > 0) continue;
      const start = end - leastBytes;
      for (const { of, name, bytes: needle } of this.#needles.get(block) ?? [])
        if (bytes.subarray(start, start + needle.length).equals(needle)) finds.push({ name: of, form: name });
    }
    return finds;
  }
}

/** The four bytes that end at this index. */
function blockBefore(bytes: Buffer, end: number): number {
  return (
    (bytes[end] ?? 0) |
    ((bytes[end - 1] ?? 0) << 8) |
    ((bytes[end - 2] ?? 0) << 16) |
    ((bytes[end - 3] ?? 0) << 24)
  );
}

function slot(block: number): number {
  return Math.imul(block, 0x9e37_79b1) >>> (32 - tableBits);
}

function distinct(finds: readonly Find[]): readonly Find[] {
  return [...new Map(finds.map((find) => [`${find.name} ${find.form}`, find])).values()];
}
