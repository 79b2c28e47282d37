import type { CloseStatus } from './frame-scanner.ts';

const longestReason = 123;

/** A Close frame of Berth's own: with four random bytes as mask when it goes to a server. */
export function encodeClose({ code, reason }: CloseStatus, mask?: Uint8Array): Buffer {
  const payload =
    code === 1005 ? Buffer.alloc(0) : Buffer.concat([Buffer.of(code >> 8, code & 0xff), cutText(reason)]);
  if (mask === undefined) return Buffer.concat([Buffer.of(0x88, payload.length), payload]);
  const masked = payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
  return Buffer.concat([Buffer.of(0x88, 0x80 | payload.length), mask, masked]);
}

/** At the end of a character. */
function cutText(text: string): Buffer {
  const bytes = Buffer.from(text);
  if (bytes.length <= longestReason) return bytes;
  let end = longestReason;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
