export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
  /** Four bytes, as a client sends them. */
  readonly mask?: Buffer;
  readonly isFinal?: boolean;
}

export const opcodes = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** As RFC 6455, 5.2 has it. */
export function encodeFrame({ opcode, payload, mask, isFinal = true }: Frame): Buffer {
  const { length } = payload;
  const masked = mask === undefined ? 0 : 0x80;
  const first = (isFinal ? 0x80 : 0) | opcode;
  const head = length < 126 ? Buffer.of(first, masked | length) : longHead(first, masked, length);
  if (mask === undefined) return Buffer.concat([head, payload]);
  const body = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([head, mask, body]);
}

function longHead(first: number, masked: number, length: number): Buffer {
  const isHuge = length > 0xffff;
  const head = Buffer.alloc(isHuge ? 10 : 4);
  head.set([first, masked | (isHuge ? 127 : 126)]);
  if (isHuge) head.writeBigUInt64BE(BigInt(length), 2);
  else head.writeUInt16BE(length, 2);
  return head;
}
