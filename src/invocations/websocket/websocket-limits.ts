/** Of one WebSocket, in each of its directions (contract 1.5). */
export interface WebSocketLimits {
  readonly longestFrameBytes: number;
  readonly framesPerSecond: number;
  readonly longestMs: number;
}

export const webSocketLimits: WebSocketLimits = {
  longestFrameBytes: 64 * 1024,
  framesPerSecond: 250,
  longestMs: 60 * 60_000,
};

/** A bucket that holds one second of its rate; the returned function takes a frame out of it, if there is one. */
export function createFrameRate(framesPerSecond: number, now: () => number): () => boolean {
  let tokens = framesPerSecond;
  let filledAtMs = now();
  return () => {
    const nowMs = now();
    tokens = Math.min(framesPerSecond, tokens + (Math.max(0, nowMs - filledAtMs) * framesPerSecond) / 1_000);
    filledAtMs = nowMs;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
