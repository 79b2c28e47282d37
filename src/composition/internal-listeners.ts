import { listeningDescriptor } from '../api/listening-descriptor.ts';
import { HttpListener, type HttpListenerParts } from '../api/http-listener.ts';
import { listenerName } from '../shared/handover-channel.ts';
import type { ListeningSocket } from './listening-sockets.ts';

/** TCP ports of the listener for sandboxes, on the bridge's own address. */
export const internalPort = 4780;
/** Sandboxes reach it at 443. */
export const internalTlsPort = 4743;

/** Of the name server for sandboxes with an allow-list, UDP and TCP. They reach it at 53. */
export const dnsPort = 4753;

export interface InternalListeners extends AsyncDisposable {
  readonly sockets: readonly ListeningSocket[];
  /** As `HttpListener.stopAccepting`. */
  stopAccepting(): Promise<void>;
  /** Another process takes the new connections; resolves when this one's are closed. */
  leave(): Promise<void>;
}

/** For sandboxes, with `tls` also by the names of AWS. Disposing drains both. */
export function internalListeners(host: string, { tls, ...parts }: HttpListenerParts): InternalListeners {
  const plain = new HttpListener(parts);
  const sockets = [socketOf(plain, 'internal', host, internalPort)];
  const all = [plain];
  if (tls !== undefined) {
    const withTls = new HttpListener({ ...parts, tls });
    sockets.push(socketOf(withTls, 'internal-tls', host, internalTlsPort));
    all.push(withTls);
  }
  return {
    sockets,
    stopAccepting: async () => void (await Promise.all(all.map((listener) => listener.stopAccepting()))),
    leave: async () => void (await Promise.all(all.map((listener) => listener.leave()))),
    [Symbol.asyncDispose]: async () => void (await Promise.all(all.map((listener) => listener.drain()))),
  };
}

function socketOf(
  listener: HttpListener,
  role: 'internal' | 'internal-tls',
  host: string,
  port: number,
): ListeningSocket {
  return {
    name: listenerName(role, host, port),
    listen: (fd) => listener.listen(host, port, fd),
    descriptor: () => listeningDescriptor(listener.server),
  };
}
