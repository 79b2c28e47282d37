import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** How it answers, by the path that it is asked for. */
const answers: Readonly<Record<string, (heard: string, response: ServerResponse) => void>> = {
  '/refused': (heard, response) =>
    void response
      .writeHead(401, {
        'content-type': 'application/json',
        'www-authenticate': `Basic realm="${encodeURIComponent(heard)}"`,
      })
      .end(
        JSON.stringify({
          error: 'invalid_client',
          error_description: heard,
          error_uri: `http://x.example/?${encodeURIComponent(heard)}`,
        }),
      ),
  '/own-word': (heard, response) =>
    void response
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: heard, message: heard })),
  '/page': (heard, response) =>
    void response.writeHead(500, { 'content-type': 'text/html' }).end(`<pre>${heard}</pre>`),
  '/no-json': (heard, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(`{"access_token": ${heard}`),
  '/moved': (heard, response) =>
    void response.writeHead(302, { location: `http://x.example/?${encodeURIComponent(heard)}` }).end(),
  '/down': (_heard, response) => void response.destroy(),
  '/slow': () => {},
};

/** A service that repeats in its failures what it is sent: header, body, and the secrets in them decoded. */
export class RepeatingServer implements AsyncDisposable {
  static readonly paths = Object.keys(answers);
  readonly host: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<RepeatingServer> {
    const server = createServer((request, response) => void answer(request, response));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RepeatingServer(server);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { authorization = '' } = request.headers;
  const decoded = Buffer.from(authorization.replace(/^Basic /, ''), 'base64').toString('latin1');
  const heard = [authorization, decoded, await text(request).catch(() => '')].join(' ');
  const [path = ''] = (request.url ?? '').split('?');
  (answers[path] ?? answers['/refused'])?.(heard, response);
}
