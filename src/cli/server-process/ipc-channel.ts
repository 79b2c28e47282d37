import type { HandoverChannel } from '../../shared/handover-channel.ts';

/** What a process and its child have in common, as far as they talk. */
interface Endpoint {
  readonly connected?: boolean;
  send?(message: object, callback: (error: Error | null) => void): boolean;
  on(event: 'message', listener: (message: unknown) => void): unknown;
}

/** Node's own channel between a process and its child; the caller knows when the other side is gone. */
export function ipcChannel(
  endpoint: Endpoint,
  rest: Pick<HandoverChannel, 'closed' | 'end'>,
): HandoverChannel {
  return {
    ...rest,
    // A message that can no longer be sent is followed by the end of the channel.
    send: (message) => void (endpoint.connected === true && endpoint.send?.(message, () => {})),
    onMessage: (listener) => void endpoint.on('message', listener),
  };
}
