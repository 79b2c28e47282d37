import { HttpListener, type HttpListenerParts } from '../api/http-listener.ts';

/** TCP ports of the listener for sandboxes, on the bridge's own address. */
export const internalPort = 4780;
/** Sandboxes reach it at 443. */
export const internalTlsPort = 4743;

/** Listens for sandboxes, with `tls` also by the names of AWS. Disposing drains both; when it rejects, nothing listens. */
export async function openInternalListeners(
  host: string,
  { tls, ...parts }: HttpListenerParts,
): Promise<AsyncDisposable> {
  const plain = { listener: new HttpListener(parts), port: internalPort };
  const withTls =
    tls === undefined ? [] : [{ listener: new HttpListener({ ...parts, tls }), port: internalTlsPort }];
  const all = [plain, ...withTls];
  const drain = async () => void (await Promise.all(all.map(({ listener }) => listener.drain())));
  try {
    for (const { listener, port } of all) await listener.listen(host, port);
  } catch (error) {
    await drain();
    throw error;
  }
  return { [Symbol.asyncDispose]: drain };
}
