import type { Server } from 'node:http';

/** Node's own limits cut off quiet streams and slow uploads that the contract allows; heads stay bounded in time. */
export function withTimeouts(server: Server): Server {
  server.requestTimeout = 0;
  server.headersTimeout = 30_000;
  server.keepAliveTimeout = 900_000;
  return server;
}

/** Disposing stops listening and waits for the running calls. */
export function listen(server: Server, host: string, port: number): Promise<AsyncDisposable> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve({
        [Symbol.asyncDispose]: () =>
          new Promise<void>((closed) => {
            server.close(() => closed());
            server.closeIdleConnections();
          }),
      });
    });
  });
}
