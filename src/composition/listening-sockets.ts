import type { PublicListener } from '../api/public-listener.ts';
import type { Config } from '../config/config.ts';
import { type InheritedListeners, listenerName } from '../shared/handover-channel.ts';

/** A socket that this server listens at, or is about to. */
export interface ListeningSocket {
  /** As in `listenerName`. */
  readonly name: string;
  /** With `fd`, at a socket that listens already. */
  listen(fd: number | undefined): Promise<void>;
  /** Undefined while it does not listen. */
  descriptor(): number | undefined;
}

export function publicSockets(
  listener: Pick<PublicListener, 'listen' | 'listenWithTls' | 'descriptors'>,
  { listen: { host, port }, tls }: Pick<Config, 'listen' | 'tls'>,
): readonly ListeningSocket[] {
  const plain: ListeningSocket = {
    name: listenerName('public', host, port),
    listen: (fd) => listener.listen(host, port, fd),
    descriptor: () => listener.descriptors().plain,
  };
  if (tls === undefined) return [plain];
  const { listen } = tls;
  const withTls: ListeningSocket = {
    name: listenerName('public-tls', listen.host, listen.port),
    listen: (fd) => listener.listenWithTls(listen.host, listen.port, fd),
    descriptor: () => listener.descriptors().tls,
  };
  return [plain, withTls];
}

/**
 * Those that have to be opened come first, as only that can fail: at an inherited one calls arrive at once, and a server that then failed
 * would fail them.
 */
export async function listenAtAll(
  sockets: readonly ListeningSocket[],
  inherited: InheritedListeners,
): Promise<void> {
  const isInherited = ({ name }: ListeningSocket) => inherited.has(name);
  const inOrder = [...sockets.filter((socket) => !isInherited(socket)), ...sockets.filter(isInherited)];
  for (const { name, listen } of inOrder) await listen(inherited.get(name));
}

/** What the next server inherits. */
export function descriptorsOf(sockets: readonly ListeningSocket[]): InheritedListeners {
  return new Map(
    sockets.flatMap(({ name, descriptor }) => {
      const fd = descriptor();
      return fd === undefined ? [] : [[name, fd] as const];
    }),
  );
}
