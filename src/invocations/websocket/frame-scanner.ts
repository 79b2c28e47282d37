/** The code and reason of a Close frame (RFC 6455, 7.4); code 1005 stands for a frame with neither. */
export interface CloseStatus {
  readonly code: number;
  readonly reason: string;
}

export interface FrameScannerParts {
  /** Whether this direction's frames are masked, as a client's must be. */
  readonly isMasked: boolean;
  readonly longestPayloadBytes: number;
  /** Counts a frame; false when there are too many of them. */
  readonly takeFrame: () => boolean;
}

export interface Scan {
  /** What may be passed on, as it came. Headers and Close frames are held back until they are whole. */
  readonly pass: Buffer;
  /** How many frames began in it. */
  readonly frames: number;
  /** Set when a Close frame came to its end in it; nothing after it counts. */
  readonly close?: CloseStatus;
  /** Why the sender must be stopped; the frame that did it, and all behind it, are not passed on. */
  readonly violation?: CloseStatus;
}

interface FrameHeader {
  readonly opcode: number;
  readonly isMasked: boolean;
  readonly headerBytes: number;
  readonly payloadBytes: number;
}

const closeOpcode = 8;
const longestControlPayload = 125;
const nothing = Buffer.alloc(0);

/** Follows the frames of one direction of a WebSocket by their headers; payloads go by unread. */
export class FrameScanner {
  readonly #parts: FrameScannerParts;
  #held = nothing;
  #payloadLeft = 0;

  constructor(parts: FrameScannerParts) {
    this.#parts = parts;
  }

  /** All that was passed on so far are whole frames, so that another one may follow it. */
  get isBetweenFrames(): boolean {
    return this.#payloadLeft === 0;
  }

  scan(chunk: Buffer): Scan {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = nothing;
    let at = this.#skipPayload(bytes, 0);
    let frames = 0;
    while (at < bytes.length) {
      const header = readHeader(bytes, at);
      if (header === undefined) break;
      const violation = this.#violationOf(header);
      if (violation !== undefined) return { pass: bytes.subarray(0, at), frames, violation };
      const end = at + header.headerBytes + header.payloadBytes;
      if (header.opcode === closeOpcode && end > bytes.length) break;
      if (!this.#parts.takeFrame()) return { pass: bytes.subarray(0, at), frames, violation: tooManyFrames };
      frames += 1;
      if (header.opcode === closeOpcode) {
        const close = readClose(bytes, at, header);
        if (close === undefined) return { pass: bytes.subarray(0, at), frames, violation: badClose };
        return { pass: bytes.subarray(0, end), frames, close };
      }
      this.#payloadLeft = header.payloadBytes;
      at = this.#skipPayload(bytes, at + header.headerBytes);
    }
    // A copy: the rest of a large chunk need not be kept for it.
    if (at < bytes.length) this.#held = Buffer.from(bytes.subarray(at));
    return { pass: bytes.subarray(0, at), frames };
  }

  /** What of a chunk belongs to the frame that has begun; no further frame is begun after this. */
  finishFrame(chunk: Buffer): Buffer {
    return chunk.subarray(0, this.#skipPayload(chunk, 0));
  }

  #skipPayload(bytes: Buffer, at: number): number {
    const skipped = Math.min(this.#payloadLeft, bytes.length - at);
    this.#payloadLeft -= skipped;
    return at + skipped;
  }

  #violationOf({ opcode, isMasked, payloadBytes }: FrameHeader): CloseStatus | undefined {
    const { longestPayloadBytes } = this.#parts;
    if (isMasked !== this.#parts.isMasked) {
      return { code: 1002, reason: isMasked ? 'Frames must not be masked.' : 'Frames must be masked.' };
    }
    if (opcode === closeOpcode && payloadBytes > longestControlPayload)
      return { code: 1002, reason: 'A Close frame must have at most 125 bytes.' };
    if (payloadBytes <= longestPayloadBytes) return undefined;
    return { code: 1009, reason: `A frame must have at most ${longestPayloadBytes} bytes.` };
  }
}

const badClose = { code: 1002, reason: 'A Close frame must have a valid code, or nothing.' };
const tooManyFrames = { code: 1008, reason: 'Too many frames per second.' };

/** Undefined when it has not arrived in whole (RFC 6455, 5.2). */
function readHeader(bytes: Buffer, at: number): FrameHeader | undefined {
  if (bytes.length < at + 2) return undefined;
  const second = bytes.readUInt8(at + 1);
  const isMasked = (second & 0x80) !== 0;
  const short = second & 0x7f;
  const lengthBytes = short === 127 ? 8 : short === 126 ? 2 : 0;
  const headerBytes = 2 + lengthBytes + (isMasked ? 4 : 0);
  if (bytes.length < at + headerBytes) return undefined;
  return {
    opcode: bytes.readUInt8(at) & 0x0f,
    isMasked,
    headerBytes,
    payloadBytes: readLength(bytes, at + 2, short),
  };
}

function readLength(bytes: Buffer, at: number, short: number): number {
  if (short < 126) return short;
  return short === 126 ? bytes.readUInt16BE(at) : Number(bytes.readBigUInt64BE(at));
}

/** Undefined when it has no code that may be sent. */
function readClose(
  bytes: Buffer,
  at: number,
  { isMasked, headerBytes, payloadBytes }: FrameHeader,
): CloseStatus | undefined {
  if (payloadBytes === 0) return { code: 1005, reason: '' };
  const start = at + headerBytes;
  const payload = Buffer.from(bytes.subarray(start, start + payloadBytes));
  if (isMasked) {
    const mask = bytes.subarray(start - 4, start);
    for (const [index, byte] of payload.entries()) payload[index] = byte ^ (mask[index % 4] ?? 0);
  }
  if (payload.length < 2 || !isSendable(payload.readUInt16BE(0))) return undefined;
  return { code: payload.readUInt16BE(0), reason: payload.toString('utf8', 2) };
}

/** 1004, 1005, 1006 and 1015 stand for what was not said. */
function isSendable(code: number): boolean {
  const isStandard = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
  return isStandard || (code >= 3000 && code <= 4999);
}
