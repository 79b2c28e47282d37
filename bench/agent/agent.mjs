// Does what the custom header Do says, and little else, so that a benchmark measures the way to it.
import { createServer } from 'node:http';
import { networkInterfaces } from 'node:os';

const kilobyte = JSON.stringify({ answer: 'x'.repeat(1024 - 13) });
const megabyte = Buffer.alloc(1_000_000, 0x78);

const deeds = {
  answer: (_request, response) => response.end(kilobyte),
  address: (_request, response) =>
    response.end(
      Object.values(networkInterfaces())
        .flat()
        .find(({ internal }) => !internal).address,
    ),
  download(_request, response, megabytes) {
    let left = Number(megabytes);
    const send = () => {
      while (left > 0) {
        left -= 1;
        if (!response.write(megabyte)) return;
      }
      response.end();
    };
    response.on('drain', send);
    send();
  },
  /** Events that say when they were sent, in milliseconds of the machine's clock. */
  stream(_request, response, everyMs, count) {
    response.setHeader('content-type', 'text/event-stream');
    let sent = 0;
    const send = () => {
      response.write(`data: ${performance.timeOrigin + performance.now()}\n\n`);
      sent += 1;
      if (sent < Number(count)) return;
      clearInterval(timer);
      response.end();
    };
    const timer = setInterval(send, Number(everyMs));
    response.on('close', () => clearInterval(timer));
    send();
  },
};

createServer((request, response) => {
  if (request.url === '/ping') {
    response.end('{"status":"Healthy"}');
    return;
  }
  const [deed = 'answer', ...args] = (
    request.headers['x-amzn-bedrock-agentcore-runtime-custom-do'] ?? 'answer'
  ).split(':');
  request.resume().on('end', () => deeds[deed](request, response, ...args));
}).listen(8080, '0.0.0.0');
