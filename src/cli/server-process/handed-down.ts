import { type InheritedListeners, listenerName } from '../../shared/handover-channel.ts';
import { ipcChannel } from './ipc-channel.ts';
import type { HandedDown } from './running-server.ts';

export interface HandedDownAddresses {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls: { readonly listen: { readonly host: string; readonly port: number } } | undefined;
}

/** Names of the sockets that a server leaves to the next one, in the order of their descriptors. */
export const namesVariable = '_BERTH_HANDED_DOWN';
/** After standard input, output, error and the channel. */
export const firstDescriptor = 4;
/** sd_listen_fds(3) */
const firstOfSystemd = 3;

/** What this process was given at its start, by the server before it or by systemd (socket activation). */
export function handedDown(process: NodeJS.Process, addresses: HandedDownAddresses): HandedDown {
  const { env } = process;
  const names = env[namesVariable];
  if (names !== undefined && process.send !== undefined) {
    const listeners: InheritedListeners = new Map(
      names === '' ? [] : names.split(' ').map((name, at) => [name, firstDescriptor + at]),
    );
    const closed = new AbortController();
    const close = () => closed.abort(new Error('The server before this one is gone.'));
    process.on('disconnect', close);
    if (!process.connected) close();
    const predecessor = ipcChannel(process, { closed: closed.signal, end: async () => {} });
    return { predecessor, listeners };
  }
  if (env['LISTEN_PID'] === String(process.pid)) return { listeners: ofSystemd(env, addresses) };
  return {};
}

/** The first socket is the public listener, a second one that with TLS. */
function ofSystemd(env: NodeJS.ProcessEnv, { listen, tls }: HandedDownAddresses): InheritedListeners {
  const count = Number(env['LISTEN_FDS'] ?? 0);
  const known = new Map<string, number>();
  if (count >= 1) known.set(listenerName('public', listen.host, listen.port), firstOfSystemd);
  if (count >= 2 && tls !== undefined)
    known.set(listenerName('public-tls', tls.listen.host, tls.listen.port), firstOfSystemd + 1);
  return known;
}
