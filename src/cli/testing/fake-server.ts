import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

export interface SeenRequest {
  readonly method: string;
  /** Path and query, still encoded. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Answers one kind of request, named `METHOD /path` without query; a value is sent as JSON. */
export type Answer = object | ((request: SeenRequest, response: ServerResponse) => void);

export interface FakeServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Variables that aim the CLI at this server. */
  readonly env: Readonly<Record<string, string>>;
}

/** An HTTP server with scripted answers; everything else is a 404 in the form of AWS. */
export async function fakeServer(
  answers: Readonly<Record<string, Answer>>,
  listenPort = 0,
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void,
): Promise<FakeServer> {
  const seen: SeenRequest[] = [];
  const server = createServer((request, response) => {
    void receive(request).then((received) => {
      seen.push(received);
      const answer = answers[`${received.method} ${received.url.split('?')[0] ?? ''}`];
      if (typeof answer === 'function') return answer(received, response);
      if (answer === undefined)
        return refuse(response, 404, 'ResourceNotFoundException', `nothing at ${received.url}`);
      response.setHeader('content-type', 'application/json');
      return response.end(JSON.stringify(answer));
    });
  });
  if (onUpgrade !== undefined) server.on('upgrade', onUpgrade);
  await new Promise<void>((resolve) => void server.listen(listenPort, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    seen,
    env: {
      BERTH_ENDPOINT: url,
      AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY',
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** An error as AWS sends it. */
export function refuse(response: ServerResponse, status: number, type: string, message: string): void {
  response.writeHead(status, {
    'x-amzn-errortype': type,
    'x-amzn-requestid': 'request-1',
    'content-type': 'application/json',
  });
  response.end(JSON.stringify({ message }));
}

/** Items as ListAgentRuntimes returns them. */
export function runtimeNamed(name: string, version = '1') {
  return {
    agentRuntimeId: `${name}-abcdefghij`,
    agentRuntimeArn: `arn:aws:bedrock-agentcore:us-east-1:000000000000:runtime/${name}-abcdefghij`,
    agentRuntimeName: name,
    agentRuntimeVersion: version,
    status: 'READY',
    lastUpdatedAt: '2026-01-01T00:00:00Z',
  };
}

async function receive(request: IncomingMessage): Promise<SeenRequest> {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
  return { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
}
