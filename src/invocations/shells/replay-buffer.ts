const pieceBytes = 4_096;

/** Output that nobody has received yet; the oldest goes when it is told to keep within its size. */
export class ReplayBuffer {
  readonly #limitBytes: number;
  #chunks: Buffer[] = [];
  #sizeBytes = 0;
  #droppedBytes = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  append(chunk: Buffer): void {
    // Many small pieces would cost more than what is in them.
    const last = this.#chunks.at(-1);
    if (last !== undefined && last.byteLength + chunk.byteLength <= pieceBytes)
      this.#chunks[this.#chunks.length - 1] = Buffer.concat([last, chunk]);
    else this.#chunks.push(chunk);
    this.#sizeBytes += chunk.byteLength;
  }

  /** Drops the oldest bytes beyond the limit. */
  trim(): void {
    const excess = this.#sizeBytes - this.#limitBytes;
    if (excess <= 0) return;
    this.consume(excess);
    this.#droppedBytes += excess;
  }

  /** The oldest bytes, at most `maxBytes` and as they came in one piece. Empty when there are none. */
  peek(maxBytes: number): Buffer {
    return this.#chunks[0]?.subarray(0, maxBytes) ?? Buffer.alloc(0);
  }

  /** Forgets the oldest bytes. */
  consume(byteCount: number): void {
    let left = Math.min(byteCount, this.#sizeBytes);
    this.#sizeBytes -= left;
    let at = 0;
    for (let [chunk] = this.#chunks; chunk !== undefined && left > 0; chunk = this.#chunks[at]) {
      if (chunk.byteLength > left) {
        this.#chunks[at] = chunk.subarray(left);
        break;
      }
      left -= chunk.byteLength;
      at += 1;
    }
    this.#chunks = this.#chunks.slice(at);
  }

  /** How many bytes were dropped since this was asked last. */
  takeDropped(): number {
    const dropped = this.#droppedBytes;
    this.#droppedBytes = 0;
    return dropped;
  }
}
