/** How an old and a new server process talk while one takes over from the other. Messages arrive whole and in order. */
export interface HandoverChannel {
  send(message: object): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Aborts when the other process is gone, with an Error that says how it ended. */
  readonly closed: AbortSignal;
  /** Ends the other process, if this one started it, and waits until it is gone. */
  end(): Promise<void>;
}

/** Descriptors of sockets that listen already, by what is served there: names as in `listenerName`. */
export type InheritedListeners = ReadonlyMap<string, number>;

/** A socket is only taken over for the very address that it listens at. */
export function listenerName(
  role: 'public' | 'public-tls' | 'internal' | 'internal-tls',
  host: string,
  port: number,
): string {
  return `${role}@${host}:${port}`;
}
