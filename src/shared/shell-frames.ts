/** The channels of a shell's WebSocket and their bytes (contract 1.5). */
const channelBytes = {
  stdin: 0,
  stdout: 1,
  /** Text of the platform; what a program writes to stderr comes through its terminal. */
  stderr: 2,
  status: 3,
  resize: 4,
  heartbeat: 5,
  close: 255,
} as const;

export type ShellChannel = keyof typeof channelBytes;

export interface ShellFrame {
  readonly channel: ShellChannel;
  readonly payload: Buffer;
}

/** Of a whole frame, its channel's byte included. */
export const longestShellFrameBytes = 64 * 1024;

const channels = new Map<number, ShellChannel>(
  Object.entries(channelBytes).map(([name, byte]) => [byte, name as ShellChannel]),
);

export function encodeShellFrame(channel: ShellChannel, payload: Uint8Array | string = ''): Buffer {
  return Buffer.concat([Buffer.of(channelBytes[channel]), Buffer.from(payload)]);
}

/** Undefined for an empty frame, and for channels of a later time: neither means anything here. */
export function decodeShellFrame(frame: Buffer): ShellFrame | undefined {
  const channel = channels.get(frame[0] ?? -1);
  return channel === undefined ? undefined : { channel, payload: frame.subarray(1) };
}
